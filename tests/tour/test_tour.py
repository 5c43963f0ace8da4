"""`make run` and `make tour` for real: processes, ports, HTTP, mail and cards, in each way of running jobs."""

from __future__ import annotations

import os
import subprocess

import pytest

from tests.servers import MariaDB, Redis, new_database
from tests.source import ROOT
from tests.tour.on_servers import COMMAND

pytestmark = pytest.mark.slow

_SECONDS = 240
# Whatever the person who runs the tests has set for their own shop has no place here.
_FOREIGN = ("DATABASE_URL", "REDIS_URL", "JOBS", "PORT", "HOST", "SITE_URL", "SQUARE_", "MAIL_", "TRADEPOST_")


def walk(**settings: str) -> str:
    """Everything a fresh tour prints; the test fails with it when the tour does."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    done = subprocess.run(
        COMMAND,
        env=own | settings,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_the_main_job_runs_end_to_end_on_the_embedded_default():
    story = walk()
    assert "JOBS=database" in story
    assert "steps are as they should be" in story


def test_the_main_job_runs_end_to_end_on_mariadb_with_redis(mariadb: MariaDB, redis_server: Redis):
    story = walk(DATABASE_URL=new_database(mariadb, "tour"), REDIS_URL=redis_server.url)
    assert "JOBS=rq" in story
    assert "steps are as they should be" in story


def test_the_main_job_runs_end_to_end_where_only_cron_works():
    story = walk(JOBS="drain", SANDBOX_CRON_SECONDS="1")
    assert "JOBS=drain" in story
    assert "steps are as they should be" in story
