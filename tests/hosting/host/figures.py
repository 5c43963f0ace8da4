"""How much memory and time the shop takes at this host."""

from __future__ import annotations

import os
import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from bs4 import BeautifulSoup

from tests.hosting.host.account import Account
from tests.hosting.host.apache import Apache
from tests.hosting.host.deploy_files import Server

_MIB = 1024


def memory_of_processes(account: Account) -> list[tuple[int, int]]:
    """Of each of the shop's Python processes under Passenger: resident MiB, and its own share of it (PSS)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if (entry.stat().st_uid, "wsgi" in command.lower()) != (account.user.pw_uid, True):
                continue
            if str(account.shop) not in command and "Passenger" not in command:
                continue
            found.append(memory_of(int(entry.name)))
        except OSError:
            continue
    return [each for each in found if each[0] > 20]


def memory_of(pid: int) -> tuple[int, int]:
    """Resident MiB of one process, and its own share of it (PSS)."""
    entry = Path(f"/proc/{pid}")
    return _status(entry, "VmRSS"), _pss(entry)


def _status(entry: Path, name: str) -> int:
    lines = (entry / "status").read_text().splitlines()
    return next((int(line.split()[1]) // _MIB for line in lines if line.startswith(name)), 0)


def _pss(entry: Path) -> int:
    lines = (entry / "smaps_rollup").read_text().splitlines()
    return next((int(line.split()[1]) // _MIB for line in lines if line.startswith("Pss:")), 0)


def start_up_seconds(account: Account) -> tuple[float, float]:
    """A fresh Python until the shop is ready for a request: seconds of the processor and by the clock, the best of five.

    The processor's seconds are the figure: by the clock other work on the machine is in it, too.
    """
    worked, waited = [], []
    for _ in range(5):
        began = time.perf_counter()
        process = account.start([str(account.python), "-c", "import wsgi"], cwd=account.shop)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError("the shop does not start by itself")
        waited.append(time.perf_counter() - began)
        worked.append(used.ru_utime + used.ru_stime)
    return min(worked), min(waited)


def rush(apache: Apache, paths: tuple[str, ...], *, visitors: int, rounds: int) -> dict[int, int]:
    """So many visitors at once, each opening every path some times; how often which status came back."""

    def visit(_number: int) -> list[int]:
        with httpx.Client(verify=str(apache.certificate), timeout=60) as browser:
            return [browser.get(apache.url + path).status_code for _ in range(rounds) for path in paths]

    with ThreadPoolExecutor(visitors) as pool:
        return dict(Counter(status for statuses in pool.map(visit, range(visitors)) for status in statuses))


def rush_in(apache: Apache, *, visitors: int, rounds: int) -> dict[int, int]:
    """So many visitors at once who each try to sign in, all as one address: what is counted in the database."""

    def knock(number: int) -> list[int]:
        with httpx.Client(verify=str(apache.certificate), timeout=60) as browser:
            return [_guess(browser, apache.url, f"nobody-{number}@example.com") for _ in range(rounds)]

    with ThreadPoolExecutor(visitors) as pool:
        return dict(Counter(status for statuses in pool.map(knock, range(visitors)) for status in statuses))


def _guess(browser: httpx.Client, url: str, email: str) -> int:
    form = BeautifulSoup(browser.get(url + "/login").text, "html.parser").select_one("[name=csrf_token]")
    if form is None:
        return 0
    fields = {"csrf_token": str(form["value"]), "email": email, "password": "a guess"}
    return browser.post(url + "/login", data=fields, headers={"Referer": url + "/login"}).status_code


def page_seconds(site: Apache | Server, path: str, times: int) -> float:
    """The middle of some requests, one after the other."""
    taken = []
    with httpx.Client(verify=str(site.certificate), timeout=60) as browser:
        for _ in range(times):
            began = time.perf_counter()
            browser.get(site.url + path)
            taken.append(time.perf_counter() - began)
    return statistics.median(taken)
