"""One count for all processes of a shop, on MariaDB and on Redis, with real web servers."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.rate_counts import DatabaseCounter
from app.shared.machine_places import MachinePlaces
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.limited_shop import limited_shop, running_processes, send_form, settings_of_a_process
from tests.servers import MariaDB, Redis, new_database
from tests.source import ROOT
from tests.worlds import settings_for_tests

PROCESSES = 2


@pytest.fixture
def filled(mariadb: MariaDB, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher) -> str:
    """The address of a MariaDB database with the shop's tables and facts."""
    url = new_database(mariadb, "limits")
    with limited_shop(settings_for_tests(url, tmp_path, square_server, mail_catcher)):
        return url


@pytest.fixture
def redis_url(redis_server: Redis) -> str:
    return redis_server.url


def guess_together(urls: list[str], tries: int) -> Counter[int]:
    """Tries to sign in to one account at the same time, at one process after the other, counted by answer."""

    def guess(number: int) -> int:
        url = urls[number % len(urls)]
        return send_form(url, "/login", email="ada@example.com", password=f"guess {number}").status_code

    with ThreadPoolExecutor(max_workers=6) as crowd:
        return Counter(crowd.map(guess, range(tries)))


def test_guesses_at_several_processes_are_one_count_in_the_database(filled: str, tmp_path: Path):
    with running_processes(PROCESSES, tmp_path, DATABASE_URL=filled) as urls:
        assert guess_together(urls, 18) == {422: 10, 429: 8}


def test_guesses_at_several_processes_are_one_count_in_redis(filled: str, tmp_path: Path, redis_url: str):
    with running_processes(PROCESSES, tmp_path, DATABASE_URL=filled, REDIS_URL=redis_url) as urls:
        assert guess_together(urls, 18) == {422: 10, 429: 8}


def look(urls: list[str], times: int) -> Counter[int]:
    return Counter(httpx.get(f"{urls[n % len(urls)]}/login", timeout=20).status_code for n in range(times))


def test_the_ceiling_of_the_site_holds_over_several_processes(filled: str, tmp_path: Path):
    with running_processes(PROCESSES, tmp_path, DATABASE_URL=filled, SITE_LIMIT="12 per minute") as urls:
        assert look(urls, 18) == {200: 12, 429: 6}


def test_pages_are_one_count_in_redis_and_each_process_s_own_without(
    filled: str, tmp_path: Path, redis_url: str
):
    with running_processes(
        PROCESSES, tmp_path, DATABASE_URL=filled, PUBLIC_LIMIT="3 per minute", REDIS_URL=redis_url
    ) as urls:
        assert look(urls, 12) == {200: 3, 429: 9}
    with running_processes(PROCESSES, tmp_path, DATABASE_URL=filled, PUBLIC_LIMIT="3 per minute") as urls:
        assert look(urls, 12) == {200: 6, 429: 6}


def look_by_cgi(settings: dict[str, str]) -> int:
    """The status of one page, asked for as Apache does by CGI: a process that ends with its answer."""
    asked = {
        "REQUEST_METHOD": "GET", "PATH_INFO": "/login", "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "198.51.100.7",
    }  # fmt: skip
    command = [sys.executable, str(ROOT / "deploy/cgi_entry.py")]
    done = subprocess.run(command, env=settings | asked, capture_output=True, timeout=60, check=True)
    return int(done.stdout.split()[1])


def test_by_cgi_pages_and_the_ceiling_of_the_site_are_counted_one_by_one(filled: str, tmp_path: Path):
    limits = {"PUBLIC_LIMIT": "2 per minute", "SITE_LIMIT": "500 per minute"}
    settings = settings_of_a_process(tmp_path, DATABASE_URL=filled, **limits)
    assert [look_by_cgi(settings) for _ in range(3)] == [200, 200, 429]
    with create_engine(filled).connect() as connection:
        counted = connection.execute(text("SELECT `key`, count FROM rate_counts")).all()
    [of_the_site] = [count for key, count in counted if "whole site" in key]
    assert of_the_site <= 3, "a process of one request takes no handful"


def test_on_a_shared_host_one_process_counts_at_a_time_and_the_others_wait_for_it(
    mariadb: MariaDB, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
):
    url = new_database(mariadb, "places")
    settings = settings_for_tests(url, tmp_path, square_server, mail_catcher, database_pool_size=1)
    other = MachinePlaces(tmp_path, "counting", 1)
    with limited_shop(settings):
        counter = DatabaseCounter("")
        with other.take(timedelta(0)), pytest.raises(SQLAlchemyError):
            counter.incr("a try", 60)
        assert counter.incr("a try", 60) == 1


def test_a_host_with_room_lets_all_of_them_count_at_once(
    mariadb: MariaDB, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
):
    url = new_database(mariadb, "room")
    settings = settings_for_tests(url, tmp_path, square_server, mail_catcher, database_pool_size=5)
    with limited_shop(settings), MachinePlaces(tmp_path, "counting", 1).take(timedelta(0)):
        assert DatabaseCounter("").incr("a try", 60) == 1
