"""The shop on a real database, where each test's commits vanish afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import ShopClient
from tests.mailbox import Mails
from tests.queries import Queries, counting_queries
from tests.running_jobs import run_due
from tests.servers import new_database
from tests.worlds import (
    build_world,
    forget_between_tests,
    settings_for_tests,
    vanishing_commits,
)


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of an empty database of the kind this run of the test is for."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'shop.db'}"
    return new_database(request.getfixturevalue("mariadb"), "shop")


@pytest.fixture(scope="session")
def world(
    database: str,
    tmp_path_factory: pytest.TempPathFactory,
    square_server: SquareServer,
    mail_catcher: MailCatcher,
) -> Flask:
    """The shop, built and migrated once for each database; use `app`, which keeps tests apart."""
    folder = tmp_path_factory.mktemp("instance")
    return build_world(settings_for_tests(database, folder, square_server, mail_catcher))


@pytest.fixture
def app(world: Flask) -> Iterator[Flask]:
    """The shop with an app context open; whatever is committed is gone after the test."""
    forget_between_tests(world)
    with vanishing_commits(world), world.app_context():
        yield world


@pytest.fixture
def client(app: Flask) -> ShopClient:
    """A browser without a screen that nobody has signed in with. More of them: `app.test_client()`."""
    browser = app.test_client()
    assert isinstance(browser, ShopClient)
    return browser


@pytest.fixture
def square(square_server: SquareServer) -> SquareServer:
    """The Square look-alike the shop pays with, empty and well-behaved."""
    square_server.office.wipe()
    return square_server


@pytest.fixture
def mails(mail_catcher: MailCatcher) -> Mails:
    mail_catcher.box.empty()
    mail_catcher.mood.refuse(None)
    mail_catcher.mood.seconds = 0
    return Mails(mail_catcher)


@pytest.fixture
def run_jobs(app: Flask) -> Callable[..., object]:
    """`run_jobs()` does what is due, as a worker would; see tests/running_jobs.py for `ahead` and `may_fail`."""
    return partial(run_due, app)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[Queries]]:
    """`with count_queries() as queries:` then look at `queries.count`, `queries.writes` or print it."""
    return partial(counting_queries, app)


@pytest.fixture
def instance(app: Flask) -> Path:
    """Where this shop keeps uploads and pictures."""
    return Path(app.instance_path)
