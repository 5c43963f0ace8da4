"""nginx and gunicorn as deploy/ sets them up for one server, for whatever app and folder is to be measured."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.servers import find_program

ROOT = Path(__file__).resolve().parent.parent
WORKERS = 2
_SETTINGS = ROOT / "deploy" / "gunicorn_settings.py"
_SITE = ROOT / "deploy" / "nginx" / "site.conf"


@dataclass(frozen=True)
class Running:
    """A server that runs: its log, and the process that started gunicorn's workers."""

    log: Path
    number: int

    def memory(self) -> list[float]:
        """What each worker takes, in MiB: its own memory and its share of what several hold (PSS)."""
        children = Path(f"/proc/{self.number}/task/{self.number}/children").read_text().split()
        rolled = [Path(f"/proc/{child}/smaps_rollup").read_text() for child in children]
        return [int(re.findall(r"^Pss:\s+(\d+) kB", text, re.M)[0]) / 1024 for text in rolled]


@contextmanager
def running(app: str, code: Path, folder: Path, port: int, environ: dict[str, str]) -> Iterator[Running]:
    """`app` of that code behind nginx on the port, until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    socket, log = folder / "web.sock", folder / "web.log"
    command = [sys.executable, "-m", "gunicorn", "--config", str(_SETTINGS), "--bind", f"unix:{socket}", app]
    conf = folder / "nginx.conf"
    conf.write_text(_nginx_conf(folder, socket, port))
    nginx = [
        find_program("nginx", "nginx"),
        "-e",
        str(folder / "nginx.log"),
        "-p",
        str(folder),
        "-c",
        str(conf),
    ]
    with log.open("wb") as out:
        web = subprocess.Popen(
            command,
            cwd=code,
            # As deploy/systemd/tradepost-web.service has it.
            env={**os.environ, **environ, "WEB_CONCURRENCY": str(WORKERS), "MALLOC_ARENA_MAX": "1"},
            stdout=out,
            stderr=out,
        )
        front = subprocess.Popen(nginx, stdout=out, stderr=out)
        try:
            _wait_until_it_answers(f"http://127.0.0.1:{port}", log)
            yield Running(log, web.pid)
        finally:
            for each in (front, web):
                each.terminate()
                each.wait(timeout=60)


def _nginx_conf(folder: Path, socket: Path, port: int) -> str:
    """The shop's own site, with this machine's paths, on a port of its own and without certificates."""
    site = _SITE.read_text()
    head, _, rest = site.partition("# Whoever asks for a name that is not the shop's")
    shop = "server {" + rest.rpartition("\nserver {")[2]
    shop = re.sub(r"^\s*(listen|ssl_\w+|server_name) .*\n", "", shop, flags=re.M)
    shop = shop.replace("server {", f"server {{\n    listen 127.0.0.1:{port};", 1)
    text = (
        (head + shop).replace("/run/tradepost.sock", str(socket)).replace("/var/log/tradepost/", f"{folder}/")
    )
    text = text.replace("/srv/tradepost/", f"{ROOT}/").replace("$host;", "$http_host;")
    user = "user root;\n" if os.geteuid() == 0 else ""
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"{user}daemon off;\nworker_processes 1;\npid {folder}/nginx.pid;\nevents {{ worker_connections 512; }}\n"
        f"http {{\n{temporary}{text}\n}}\n"
    )


def _wait_until_it_answers(url: str, log: Path) -> None:
    for _ in range(300):
        try:
            if httpx.get(f"{url}/healthz", timeout=5).status_code in {200, 404}:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"it did not start:\n{log.read_text(errors='replace')[-3000:]}")
