"""The relay between the outbox and RQ: it waits for Redis, keeps a worker beside it, and does not bury it in tickets."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis as Client

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.settings import Settings
from app.shared.transaction import transaction
from jobs.kept_running import KeptRunning
from jobs.rq_queue import QUEUES, Handover
from jobs.worker import Stop, work
from tests.factories import make_shop
from tests.servers import Redis

_PATIENCE = 60


@pytest.fixture
def settings(app: Flask, redis_server: Redis) -> Iterator[Settings]:
    make_shop()
    with Client.from_url(redis_server.url) as client:
        client.flushall()
        yield replace(app.extensions["settings"], redis_url=redis_server.url)
        client.flushall()


def post_captures(count: int) -> None:
    with transaction():
        for number in range(count):
            post(Kind.PAYMENT_CAPTURE, payment_id=900_000 + number)


def work_until(is_enough: Callable[[], bool], handover: Handover) -> None:
    """Run the relay's loop here; a thread tells it to stop."""
    stop = Stop()

    def watch() -> None:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and not is_enough():
            time.sleep(0.05)
        stop.is_set = True

    watcher = threading.Thread(target=watch)
    watcher.start()
    work(stop, handover, may_take=handover.has_room)
    watcher.join()


def waiting(url: str) -> int:
    with Client.from_url(url) as client:
        return sum(int(client.llen(f"rq:queue:{name}")) for name in QUEUES)


def test_tickets_that_nobody_takes_are_not_heaped_up(settings: Settings) -> None:
    post_captures(70)
    rounds = iter(range(40))
    work_until(lambda: next(rounds, None) is None, Handover(settings))
    assert 20 <= waiting(settings.redis_url) < 40
    untouched = db.select(db.func.count(OutboxRow.id)).where(OutboxRow.due_at == OutboxRow.created_at)
    assert db.session.scalar(untouched) >= 30


def test_a_relay_without_its_redis_waits_for_it(settings: Settings, tmp_path: Path) -> None:
    away = replace(settings, redis_url=f"unix://{tmp_path / 'nobody'}")
    with pytest.raises(ConnectionError):
        Handover(away).has_room()
    rounds = iter(range(10))
    work_until(lambda: next(rounds, None) is None, Handover(away))  # and no error ends it


def test_a_worker_that_is_killed_is_started_again(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = f"import os, time; open({str(told)!r}, 'a').write(f'{{os.getpid()}} '); time.sleep(60)"

    def numbers() -> list[str]:
        return told.read_text().split() if told.exists() else []

    def wait_for(count: int) -> None:
        deadline = time.monotonic() + _PATIENCE
        while len(numbers()) < count and time.monotonic() < deadline:
            time.sleep(0.02)

    with KeptRunning([sys.executable, "-c", program]) as worker:
        wait_for(1)
        assert worker.is_there()
        os.kill(int(numbers()[0]), signal.SIGKILL)
        while worker.is_there():
            time.sleep(0.02)
        wait_for(2)
    first, second = numbers()
    assert first != second
    assert subprocess.run(["ps", "-p", second], capture_output=True, check=False).returncode
