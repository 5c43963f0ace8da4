"""The files for one server: what they say agrees with each other and with the shop, and a reload loses no request."""

from __future__ import annotations

import os
import re
import runpy
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.settings import Settings
from tests.source import ROOT

DEPLOY = ROOT / "deploy"
NGINX = (DEPLOY / "nginx/site.conf").read_text()
APACHE = (DEPLOY / "apache/site.conf").read_text()
UNITS = {path.name: path.read_text() for path in (DEPLOY / "systemd").rglob("*.*") if path.is_file()}
PAGES = ("closed.html", "too-large.html")


@pytest.fixture(scope="module")
def gunicorn() -> dict[str, object]:
    return runpy.run_path(str(DEPLOY / "gunicorn_settings.py"))


def number(pattern: str, text: str) -> int:
    found = re.search(pattern, text, flags=re.MULTILINE)
    assert found, pattern
    return int(found[1])


def default(name: str) -> int:
    return int(Settings.__dataclass_fields__[name].default)  # type: ignore[arg-type]


def test_an_upload_that_is_somewhat_too_large_reaches_the_shop_which_says_so_itself():
    taken_by_the_shop = default("upload_megabytes") + 1
    assert number(r"client_max_body_size (\d+)m;", NGINX) == taken_by_the_shop + 1
    assert number(r"LimitRequestBody (\d+)$", APACHE) == (taken_by_the_shop + 1) * 1024 * 1024


def test_whoever_is_nearer_to_the_shop_gives_up_first(gunicorn):
    nginx_waits = number(r"proxy_read_timeout (\d+)s;", NGINX)
    systemd_waits = number(r"^TimeoutStopSec=(\d+)$", UNITS["tradepost-web.service"])
    assert default("square_timeout_seconds") * 2 < gunicorn["graceful_timeout"] == nginx_waits < systemd_waits


def test_threads_fit_between_square_and_the_database(gunicorn):
    assert default("square_places") < gunicorn["threads"] <= default("database_pool_size")
    assert number(r"threads=(\d+)", APACHE) == gunicorn["threads"]


def test_as_many_may_wait_in_systemds_socket_as_in_gunicorns(gunicorn):
    assert number(r"^Backlog=(\d+)$", UNITS["tradepost-web.socket"]) == gunicorn["backlog"]
    assert number(r"listen-backlog=(\d+)", APACHE) == gunicorn["backlog"]


def test_gunicorn_nginx_and_systemd_name_one_socket(gunicorn):
    path = re.search(r"server unix:(\S+)", NGINX)
    assert path
    assert gunicorn["bind"] == f"unix:{path[1]}"
    assert f"ListenStream={path[1]}\n" in UNITS["tradepost-web.socket"]


def test_no_worker_keeps_a_connection_a_press_could_be_lost_on(gunicorn):
    assert gunicorn["keepalive"] == 0
    assert "proxy_set_header Connection close;" in NGINX
    assert not re.search(r"^\s*keepalive \d", NGINX, flags=re.MULTILINE)


def test_a_reload_brings_new_code_and_is_tried_before_anything_is_touched(gunicorn):
    assert gunicorn["preload_app"] is False
    tried, told = re.findall(r"^ExecReload=(.*)$", UNITS["tradepost-web.service"], flags=re.MULTILINE)
    assert "--check-config" in tried
    assert told == "/bin/kill -HUP $MAINPID"


def test_a_worker_is_given_the_time_its_longest_piece_of_work_may_take():
    longest = number(r"^_JOB_SECONDS = (\d+)$", (ROOT / "jobs/rq_queue.py").read_text())
    assert number(r"^TimeoutStopSec=(\d+)$", UNITS["tradepost-worker@.service"]) > longest


def test_every_unit_the_target_wants_is_there():
    wanted = re.findall(r"^Wants=(.*)$", UNITS["tradepost.target"], flags=re.MULTILINE)
    names = {re.sub(r"@\d+", "@", name) for line in wanted for name in line.split()}
    assert names <= set(UNITS)
    assert {name for name in UNITS if "backup.service" not in name} - {
        "common.conf",
        "tradepost.target",
    } == names


@pytest.mark.parametrize("page", PAGES)
def test_nginxs_own_pages_need_nothing_a_strict_policy_forbids(page: str):
    text = (DEPLOY / "nginx" / page).read_text()
    assert not re.search(r"<script|<style|style=|\son\w+=", text)
    assert all(f"/closed/{page}" in config for config in (NGINX, APACHE))
    for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', text):
        assert (ROOT / "app" / address.removeprefix("/")).is_file()


def test_every_file_the_docs_tell_to_copy_is_there():
    text = (ROOT / "docs/hosting.md").read_text()
    copied = re.findall(r"sudo cp (?:-r )?(deploy/\S+)", text)
    assert len(copied) >= 5
    for each in copied:
        assert (ROOT / each).exists(), each


def test_links_from_mails_are_kept_out_of_both_logs():
    routes = re.search(
        r'_LINKS = re\.compile\(r"\(/\(\?:([^)]+)\)', (ROOT / "app/request_log.py").read_text()
    )
    assert routes
    assert f"(?:{routes[1]})/)." in NGINX
    assert f"^/({routes[1]})/." in APACHE


# --- A reload under load, with a shop that only says who answers --------------------------------------------------------

_SHOP = """
import os, time

def app(environ, start_response):
    time.sleep(0.02)
    body = str(os.getpid()).encode() + environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""


@contextmanager
def running_gunicorn(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    (folder / "tiny.py").write_text(_SHOP)
    path = str(folder / "s")
    command = [
        sys.executable, "-m", "gunicorn", "--config", str(DEPLOY / "gunicorn_settings.py"), "--bind", f"unix:{path}",
        "--chdir", str(folder), "tiny:app",
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, "WEB_CONCURRENCY": "2"}, stderr=log)
    try:
        wait_for(lambda: Path(path).exists() and len(workers_of(process)) == 2)
        yield process, path
    finally:
        process.terminate()
        process.wait(timeout=30)


def workers_of(process: subprocess.Popen[bytes]) -> set[int]:
    return set(map(int, Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()))


def wait_for(is_so) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.02)


def press(path: str) -> bytes:
    """One POST as nginx sends it: a connection of its own."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(path)
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\nContent-Length: 1\r\n\r\n!"
        )
        answer = b""
        while part := connection.recv(4096):
            answer += part
    return answer


def test_no_press_is_lost_while_workers_are_exchanged(tmp_path: Path):
    answers: list[bytes] = []
    told = threading.Event()

    def visit() -> None:
        while not told.is_set():
            try:
                answers.append(press(path))
            except OSError as error:
                answers.append(repr(error).encode())
            # A few hundred a second: as fast as it goes, workers would reach their number of requests all the time.
            time.sleep(0.01)

    with running_gunicorn(tmp_path) as (process, path):
        visitors = [threading.Thread(target=visit, daemon=True) for _ in range(4)]
        try:
            for each in visitors:
                each.start()
            for is_reload in (True, True, False):
                old, count = workers_of(process), len(answers)
                gone = old if is_reload else {min(old)}
                os.kill(
                    process.pid if is_reload else min(old), signal.SIGHUP if is_reload else signal.SIGTERM
                )
                wait_for(lambda gone=gone: not workers_of(process) & gone and len(workers_of(process)) == 2)
                wait_for(lambda count=count: len(answers) > count + 20)
        finally:
            told.set()
            for each in visitors:
                each.join()
    wrong = [each for each in answers if not (each.startswith(b"HTTP/1.1 200") and each.endswith(b"!"))]
    assert not wrong, wrong[:3]
    assert len({each.rpartition(b"\r\n\r\n")[2] for each in answers}) >= 5
