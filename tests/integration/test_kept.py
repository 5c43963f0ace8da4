"""Answers kept in the cache: with Redis, without it, and with one that is down."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import pytest
from flask import Flask

from app.extensions import cache
from app.shared import kept
from app.shared.kept import forget, keep
from tests.servers import Redis


@pytest.fixture
def rested() -> Iterator[None]:
    """After a failure the cache is left alone for a while; the next test shall not notice."""
    before = kept._Rest.until
    yield
    kept._Rest.until = before


@pytest.fixture
def ask() -> Callable[[], int]:
    """Gives 1, then 2, …: each call is one time the real source was asked."""
    return count(1).__next__


def app_with(redis_url: str) -> Flask:
    app = Flask("kept")
    kind = "RedisCache" if redis_url else "SimpleCache"
    app.config.update(CACHE_TYPE=kind, CACHE_REDIS_URL=redis_url, CACHE_DEFAULT_TIMEOUT=60)
    cache.init_app(app)
    return app


def test_an_answer_is_asked_for_once_until_it_is_forgotten(ask: Callable[[], int]) -> None:
    with app_with("").app_context():
        assert [keep("a", 60, ask), keep("a", 60, ask), keep("b", 60, ask)] == [1, 1, 2]
        forget("a")
        assert keep("a", 60, ask) == 3


def test_processes_with_one_redis_share_what_is_kept(redis_server: Redis, ask: Callable[[], int]) -> None:
    with app_with(redis_server.url).app_context():
        assert keep("a", 60, ask) == 1
    with app_with(redis_server.url).app_context():
        assert keep("a", 60, ask) == 1
        forget("a")
    with app_with(redis_server.url).app_context():
        assert keep("a", 60, ask) == 2


@pytest.mark.usefixtures("rested")
def test_a_redis_that_is_down_costs_the_answer_nothing_but_time_once(ask: Callable[[], int]) -> None:
    with app_with("unix:///nowhere/redis.sock").app_context():
        assert [keep("a", 60, ask), keep("a", 60, ask)] == [1, 2]
        forget("a")
