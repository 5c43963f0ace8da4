"""Real commits by real threads on MariaDB, in a database of their own that is emptied after each test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from typing import Any, TypeVar

import pytest
from flask import Flask

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.servers import MariaDB, new_database
from tests.worlds import (
    build_world,
    empty_tables,
    engine_of,
    forget_between_tests,
    settings_for_tests,
)

R = TypeVar("R")


@pytest.fixture(scope="session")
def racing_world(
    mariadb: MariaDB,
    tmp_path_factory: pytest.TempPathFactory,
    square_server: SquareServer,
    mail_catcher: MailCatcher,
) -> Flask:
    folder = tmp_path_factory.mktemp("races")
    settings = settings_for_tests(
        new_database(mariadb, "races"), folder, square_server, mail_catcher, database_pool_size=20
    )
    return build_world(settings)


@pytest.fixture
def app(racing_world: Flask) -> Iterator[Flask]:
    """The shop on MariaDB with an app context open; commits are real, and every row is deleted afterwards."""
    forget_between_tests(racing_world)
    try:
        with racing_world.app_context():
            yield racing_world
    finally:
        empty_tables(engine_of(racing_world))


@pytest.fixture
def at_once(app: Flask) -> Callable[..., list[Any]]:
    """`at_once(step, step, …)` or `at_once(*[step] * 10)`: see `run_at_once`."""

    def race(*steps: Callable[[], R]) -> list[R | Exception]:
        return run_at_once(app, *steps)

    return race


def run_at_once(app: Flask, *steps: Callable[[], R]) -> list[R | Exception]:
    """Run each step in a thread with an app context of its own, all released by one gate.

    Returns what each returned or raised, in the order given.
    """
    gate = threading.Barrier(len(steps))

    def go(step: Callable[[], R]) -> R | Exception:
        with app.app_context():
            gate.wait(timeout=10)
            try:
                return step()
            except Exception as error:  # noqa: BLE001  # what a racer raised is its result
                return error

    with ThreadPoolExecutor(len(steps)) as pool:
        futures = [pool.submit(Context().run, go, step) for step in steps]
        return [future.result(timeout=60) for future in futures]
