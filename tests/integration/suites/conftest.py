"""What several suites walk through."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.walking.again import taken_back
from tests.walking.stage import Stage, set_stage
from tests.worlds import forget_between_tests, vanishing_commits


@pytest.fixture(scope="module")
def stage_of_all(world: Flask) -> Iterator[Stage]:
    """Set once for all tests of a module: looking for every form takes hundreds of requests. Use `stage`."""
    forget_between_tests(world)
    with vanishing_commits(world), world.app_context():
        yield set_stage(world)


@pytest.fixture
def stage(stage_of_all: Stage) -> Iterator[Stage]:
    """The small shop, people who fill in its forms, and the forms; what a test does to it is undone."""
    forget_between_tests(stage_of_all.app)
    with taken_back():
        yield stage_of_all
