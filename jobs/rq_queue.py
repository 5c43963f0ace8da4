"""RQ as an accelerator: it carries tickets. The outbox stays the truth, so a wiped Redis loses nothing."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.orm import configure_mappers

import upgrading
from app import create_app
from app.extensions import db
from app.outbox.kinds import kind_of
from app.payments.providers import get_gateway
from app.settings import Settings
from jobs.pulse import show_life
from jobs.relay import Ticket
from jobs.runner import run

# In the order in which a worker empties them: money first.
QUEUES = ("payments", "mail", "default")
# Above every time-out inside a handler; RQ's clock is a last resort against a hung one.
_JOB_SECONDS = 110
# The next beat comes in a minute; those nobody took must not pile up.
_BEAT_SECONDS = 120
# More than the workers have done before the lease of a ticket runs out, and it waits twice: then three times, and in the
# end they do nothing but look at tickets that are void.
_MOST_WAITING = 20

_apps: dict[str, Flask] = {}


class Handover:
    """Puts tickets on RQ's queues. ConnectionError while Redis is away: the caller waits and tries again."""

    def __init__(self, settings: Settings):
        self._redis = _connect(settings)
        self._queues = {name: Queue(name, connection=self._redis) for name in QUEUES}

    def __call__(self, ticket: Ticket) -> Job:
        """Enqueue by dotted name. A ticket that comes twice is used once: the runner sees to it."""
        with _redis_at_hand():
            return self._queues[ticket.kind.queue].enqueue(
                "jobs.rq_queue.run_ticket",
                ticket.row_id,
                ticket.attempts,
                ticket.kind.value,
                job_timeout=_JOB_SECONDS,
                result_ttl=0,
                failure_ttl=3600,
            )

    def has_room(self) -> bool:
        """Whether another handful of tickets would be taken soon; what waits in the outbox waits just as well."""
        with _redis_at_hand():
            return sum(len(queue) for queue in self._queues.values()) < _MOST_WAITING

    def beat(self) -> Job:
        """Have a worker show that it lives; forgotten when none takes it in time. In front of money, for it is short."""
        with _redis_at_hand():
            return self._queues[QUEUES[0]].enqueue(
                "jobs.rq_queue.show_workers_life",
                job_timeout=_JOB_SECONDS,
                ttl=_BEAT_SECONDS,
                result_ttl=0,
                failure_ttl=3600,
                at_front=True,
            )


def show_workers_life() -> None:
    """What an RQ worker runs once a minute, sent by the relay: the heartbeat stops when either of them does."""
    with _may_work() as is_open:
        if is_open:
            show_life()
            db.session.remove()


def run_ticket(row_id: int, attempts: int, kind: str) -> None:
    """What an RQ worker runs: the same runner as everywhere. While the shop is upgraded nothing; it is due again later."""
    with _may_work() as is_open:
        if is_open:
            run(Ticket(row_id, attempts, kind_of(kind)))


@contextmanager
def _may_work() -> Iterator[bool]:
    """A worker that still is the release before an upgrade is told to stop; whoever keeps it running starts the new one."""
    with upgrading.inside() as door:
        if door is upgrading.Door.STALE:
            os.kill(os.getppid(), signal.SIGTERM)
        if door is not upgrading.Door.OPEN:
            yield False
            return
        with _app().app_context():
            yield True


def run_worker(app: Flask, settings: Settings, **options: Any) -> None:
    """An RQ worker on all queues until it is told to stop. It forks for each job, sharing this process's app."""
    _apps["app"] = app
    _warm_up(app)
    upgrading.go_out()
    os.register_at_fork(after_in_child=_forget_parents_connections)
    connection = _connect(settings)
    worker = Worker([Queue(name, connection=connection) for name in QUEUES], connection=connection)
    worker.work(logging_level="WARNING", **options)


def _warm_up(app: Flask) -> None:
    """Each job is a fork of this process: what is loaded here (the tables' classes, the provider's half second of
    imports) need not be loaded again by every one of them."""
    configure_mappers()
    with app.app_context():
        get_gateway()


def _forget_parents_connections() -> None:
    """Two processes must not talk over one socket; the parent's own stays open (close=False)."""
    with _app().app_context():
        db.engine.dispose(close=False)


def _app() -> Flask:
    if "app" not in _apps:
        _apps["app"] = create_app()
    return _apps["app"]


@contextmanager
def _redis_at_hand() -> Iterator[None]:
    """Redis's own errors are no ConnectionError, and would end whoever only meant to wait for it."""
    try:
        yield
    except RedisError as error:
        raise ConnectionError(f"Redis does not answer ({type(error).__name__})") from error


def _connect(settings: Settings) -> Redis:
    return Redis.from_url(settings.redis_url, socket_connect_timeout=2, health_check_interval=30)
