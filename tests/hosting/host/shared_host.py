"""A shared host: the set-up in a browser, cron instead of a worker, Passenger or CGI for the pages."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from tests.hosting.host import checks, figures
from tests.hosting.host.account import Account
from tests.hosting.host.apache import CGI, PASSENGER, Apache
from tests.hosting.host.cron import Cron
from tests.hosting.host.database import MOST_CONNECTIONS, Connections, make_database
from tests.hosting.host.set_up_answers import answers_for
from tests.hosting.host.trial import Outside, check_work, say, seed, tour
from tests.hosting.host.walk import find_visitor

_LONGEST_START = 1.5


def set_up(apache: Apache, outside: Outside, database: str, pictures: Path | None) -> str:
    """Through the set-up page, each step tested first; returns the command for cron."""
    visitor = find_visitor(apache.certificate, pictures)
    say(f"  set-up page, walked in {visitor.name}")
    try:
        seen = visitor.open(apache.url + "/")
        checks.expect(
            "This shop opens soon" in seen, f"strangers read that the shop opens soon: {seen[:300]}"
        )
        code = (apache.account.instance / "setup-code.txt").read_text().split()[-1]
        visitor.send({"code": code})
        for step, answers in answers_for(
            outside.mariadb, database, apache.url, outside.square, outside.mails
        ).items():
            if step in {"database", "address", "mail", "cards"}:
                seen = visitor.send(answers, "test")
                # With CGI on a busy machine one start of Python may take longer than the test waits.
                for _ in range(5):
                    if "did not answer within" in seen:
                        seen = visitor.send({}, "test")
                checks.expect("This works" in seen, f"the test of {step} says that it works: {seen[-600:]}")
                seen = visitor.send({}, "go")
            else:
                seen = visitor.send(answers, "go")
        checks.expect("is set up" in seen, f"the last step opens the shop: {seen[-600:]}")
        return visitor.value_of("cron-command")
    finally:
        visitor.close()


def walk_host(way: str, account: Account, outside: Outside, pictures: Path | None) -> None:
    database = f"account_{way}"
    make_database(outside.mariadb, database)
    checks.plant_private_files(account)
    if way == CGI:
        shutil.copy(account.shop / "deploy" / "cgi.htaccess", account.public / ".htaccess")
    apache = Apache(account, way)
    with apache.running(), Connections(outside.mariadb) as connections:
        checks.check_before_set_up(apache)
        command = set_up(apache, outside, database, pictures)
        seed(account)
        checks.expect(
            _mode(account.instance / "settings.toml") == 0o600, "settings.toml is its owner's alone"
        )
        say(
            f"  the shop is open, the set-up page gone, {checks.check_private(apache)} private addresses refused"
        )
        checks.check_files_skip_python(apache, account.instance / "media")
        say("  static files and pictures go past Python; http leads to https")
        cron = Cron(account, command)
        cron.start()
        began = time.monotonic()
        try:
            words = tour(apache.url, apache.certificate, outside, "drain", lambda: apache.log)
            if way == PASSENGER:
                _rush(apache)
        finally:
            cron.stop()
        say(f"  tour: {words} ({time.monotonic() - began:.0f} s, cron ran {cron.runs} times, two at a time)")
        checks.expect(not cron.failed, f"no run of cron failed: {cron.failed[:1]}")
        check_work(outside.mariadb, database)
        checks.expect(connections.most <= MOST_CONNECTIONS, f"at most 10 connections: {connections.most}")
        say(f"  database connections at most: {connections.most} (the user may have {MOST_CONNECTIONS})")
        _print_figures(apache, way)


def _rush(apache: Apache) -> None:
    """More visitors than Passenger starts processes, which by default are six, while cron runs: first they look, then
    they send what is counted in the database over a connection beside the page's own."""
    statuses = figures.rush(apache, ("/", "/catalog", "/login"), visitors=16, rounds=5)
    checks.expect(set(statuses) == {200}, f"sixteen visitors at once are all served: {statuses}")
    statuses = figures.rush_in(apache, visitors=16, rounds=5)
    checks.expect(
        set(statuses) <= {422, 429} and 422 in statuses,
        f"sixteen who guess at once are answered, and stopped in time: {statuses}",
    )


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _print_figures(apache: Apache, way: str) -> None:
    account = apache.account
    if way == PASSENGER:
        for resident, own in figures.memory_of_processes(account):
            say(f"  a process of the shop: {resident} MiB resident, {own} MiB its own share")
    worked, waited = figures.start_up_seconds(account)
    say(f"  start-up: {worked:.2f} s of the processor, {waited:.2f} s by the clock")
    checks.expect(worked < _LONGEST_START, f"the shop starts in under {_LONGEST_START} s: {worked:.2f} s")
    say(f"  front page: {figures.page_seconds(apache, '/', 7) * 1000:.0f} ms")
