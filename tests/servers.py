"""Private database and Redis servers on unix sockets, for tests: up in under a second, gone with the tests."""

from __future__ import annotations

import atexit
import ctypes
import getpass
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self
from urllib.parse import quote

import pymysql

_PREFIX = "tradepost-tests-"
_PLACES = (Path("/dev/shm"), Path("/tmp"))
_ROOM = 1024**3
_SEARCH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)

# Durability is worth nothing here and costs most of the time; with plain defaults it needs four times the memory.
_MARIADB_OPTIONS = (
    "--skip-networking",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=OFF",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--performance-schema=OFF",
    "--character-set-server=utf8mb4",
    "--max-connections=200",
)


class ServerMissing(Exception):
    """A program the tests need is not installed; the message says how to get it."""


def find_program(name: str, package: str) -> str:
    """The path of a server program; ServerMissing names the Debian package when there is none."""
    path = shutil.which(name, path=_SEARCH)
    if path is None:
        raise ServerMissing(f"{name} is not installed: sudo apt-get install {package}")
    return path


def die_with_parent() -> None:
    """Runs in the child: the kernel ends it when the test process dies, even by kill -9."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _make_home() -> Path:
    """A short temporary folder (a socket's path may have 107 characters), named after this process.

    In memory where there is room: on a busy disk a server takes ten times as long to come up.
    """
    _remove_orphans()
    parent = next((path for path in _PLACES if _has_room(path)), _PLACES[-1])
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=parent))


def _has_room(path: Path) -> bool:
    return path.is_dir() and os.access(path, os.W_OK) and shutil.disk_usage(path).free > _ROOM


def _remove_orphans() -> None:
    """Clear up after test processes that were killed before they could do it themselves."""
    for path in (path for parent in _PLACES for path in parent.glob(f"{_PREFIX}*")):
        found = re.match(rf"{_PREFIX}(\d+)-", path.name)
        if found and not Path(f"/proc/{found[1]}").exists():
            shutil.rmtree(path, ignore_errors=True)


class _Server:
    """A child process with a folder and a socket of its own. Ctrl-C does not reach it; `stop()` ends it."""

    def __init__(self) -> None:
        self.home = _make_home()
        self.socket = self.home / "s"
        self._log = self.home / "log"
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)
        try:
            self._process = self._start()
            self._wait_until_it_answers()
        except BaseException:
            self.stop()
            raise

    def _command(self) -> list[str]:
        raise AssertionError("each server has its own command")

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("wb") as log:
            return subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one call into the kernel, no Python locks
            )

    def _wait_until_it_answers(self, seconds: int = 30) -> None:
        process = self._process
        assert process is not None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if process.poll() is not None:
                break
            if self._answers():
                return
            time.sleep(0.01)
        log = self._log.read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{type(self).__name__} did not start:\n{log}")

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.socket))
            except OSError:
                return False
        return True

    def stop(self) -> None:
        """End the process at once and remove its folder. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # nothing it holds is worth an orderly end
            process.wait()
        shutil.rmtree(self.home, ignore_errors=True)
        atexit.unregister(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


class MariaDB(_Server):
    """A MariaDB server with an empty data directory; root signs in without a password through its socket."""

    def _start(self) -> subprocess.Popen[bytes]:
        self._install()
        return super()._start()

    @property
    def _data(self) -> Path:
        return self.home / "data"

    def _install(self) -> None:
        program = find_program("mariadb-install-db", "mariadb-server-core")
        command = [
            program,
            "--no-defaults",
            f"--user={getpass.getuser()}",
            f"--datadir={self._data}",
            f"--tmpdir={self.home}",  # in one shared folder two that install at once get in each other's way
            "--skip-test-db",
            "--force",  # a machine that cannot look up its own name will do
            "--auth-root-authentication-method=normal",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")

    def _command(self) -> list[str]:
        return [
            find_program("mariadbd", "mariadb-server-core"),
            "--no-defaults",
            f"--user={getpass.getuser()}",
            f"--datadir={self._data}",
            f"--socket={self.socket}",
            f"--pid-file={self.home / 'pid'}",
            *_MARIADB_OPTIONS,
        ]

    def url(self, database: str, driver: str = "mysql") -> str:
        """The address of one of its databases; `mysql` picks whichever driver is installed."""
        return f"{driver}://root@localhost/{database}?unix_socket={quote(str(self.socket), safe='')}"


def new_database(server: MariaDB, name: str, driver: str = "mysql") -> str:
    """Make an empty database, in place of one of that name; returns its address."""
    connection = pymysql.connect(unix_socket=str(server.socket), user="root")
    with connection, connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    return server.url(name, driver)


class Redis(_Server):
    """A Redis that keeps nothing on disk."""

    def _command(self) -> list[str]:
        options = ["--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"]
        options += ["--save", "", "--appendonly", "no", "--dir", str(self.home)]
        return [find_program("redis-server", "redis-server"), *options]

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"
