"""Three MariaDB servers on this machine that are one Galera cluster, made to be killed and to come back."""

from __future__ import annotations

import getpass
import os
import pwd
import re
import shutil
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pymysql
from pymysql.cursors import DictCursor

from sandbox.running.ports import pick_ports
from tests.servers import MariaDB, ServerMissing, die_with_parent, find_program

NODES = 3
# Four ports a node: the group, the state it hands over (three above: increments, four above: all of it).
_APART = 10
_START_SECONDS = 120
_PROVIDERS = (
    "/usr/lib/galera/libgalera_smm.so",
    "/usr/lib/libgalera_smm.so",
    "/usr/lib64/galera/libgalera_smm.so",
)
# Galera's defaults notice a dead node after five seconds; one may ask for less where the net is quick.
_PATIENCE = "evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S;evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.25S"


class Node(MariaDB):
    """One server of the cluster, with its own folder and socket. Never root: the joiner's rsync would drop its rights
    and then could not write."""

    def __init__(self, number: int, ports: Mapping[str, int]):
        self.number = number
        self._ports = ports
        self._is_first = number == 0
        self.rejoined_by = ""
        self._began, self._said = 0.0, 0
        super().__init__()

    @property
    def _port(self) -> int:
        return self._ports[f"node {self.number}"]

    def _start(self) -> subprocess.Popen[bytes]:
        _give_to_user(self.home)
        self._data.mkdir(exist_ok=True)
        _give_to_user(self._data)
        if self._is_first and not any(self._data.iterdir()):
            self._install()
        return self._launch(self._command())

    def _install(self) -> None:
        command = [
            find_program("mariadb-install-db", "mariadb-server"), "--no-defaults", f"--datadir={self._data}",
            f"--tmpdir={self.home}", "--skip-test-db", "--force", "--auth-root-authentication-method=normal",
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False, **_as_user())
        if done.returncode:
            raise RuntimeError(f"mariadb-install-db failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  # one call into the kernel, no Python locks
                **_as_user(),
            )  # fmt: skip

    def _command(self) -> list[str]:
        port, ports = self._port, [self._ports[f"node {number}"] for number in range(NODES)]
        options = (
            f"gmcast.listen_addr=tcp://127.0.0.1:{port};ist.recv_addr=127.0.0.1:{port + 3};gcache.size=64M;"
            f"repl.causal_read_timeout=PT5S;pc.recovery=TRUE;{_PATIENCE}"
        )
        command = [
            *(each for each in super()._command() if not each.startswith("--user=")),
            "--binlog-format=ROW", "--innodb-autoinc-lock-mode=2", "--wsrep-on=ON",
            f"--wsrep-provider={find_provider()}", "--wsrep-cluster-name=tradepost-tests",
            f"--wsrep-node-name=node{self.number}", f"--wsrep-node-address=127.0.0.1:{port}",
            "--wsrep-cluster-address=gcomm://" + ",".join(f"127.0.0.1:{each}" for each in ports),
            "--wsrep-sst-method=rsync", f"--wsrep-sst-receive-address=127.0.0.1:{port + 4}",
            "--wsrep-slave-threads=2", f"--wsrep-provider-options={options}",
        ]  # fmt: skip
        if self._is_first:
            command.append("--wsrep-new-cluster")
        return command

    def _wait_until_it_answers(self, seconds: int = _START_SECONDS) -> None:
        super()._wait_until_it_answers(seconds)

    def _answers(self) -> bool:
        time.sleep(0.1)  # a look is a connection
        return self.is_in_service

    @property
    def is_in_service(self) -> bool:
        with suppress(pymysql.Error, OSError):
            return self.status("wsrep_local_state_comment") == "Synced"
        return False

    def status(self, name: str) -> str:
        """One of the server's figures by its name."""
        return self.statuses(name)[name]

    def statuses(self, like: str) -> dict[str, str]:
        connection = pymysql.connect(
            unix_socket=str(self.socket),
            user="root",
            connect_timeout=2,
            read_timeout=5,
            cursorclass=DictCursor,
        )
        with connection, connection.cursor() as cursor:
            cursor.execute("SHOW STATUS LIKE %s", (like,))
            return {row["Variable_name"]: row["Value"] for row in cursor.fetchall()}

    def kill(self) -> None:
        """kill -9, with everything in its memory."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def start_again(self) -> None:
        """On the same folder, as a service manager does. From the main thread: the kernel ends a process together with
        the thread that began it."""
        self._is_first = False
        self._began, self._said = time.monotonic(), self._log.stat().st_size
        self._process = self._launch(
            [*self._command(), f"--wsrep-start-position={self._recovered_position()}"]
        )

    def wait_until_back(self) -> float:
        """Seconds from its start until it is in service again."""
        self._wait_until_it_answers()
        self.rejoined_by = self._how_it_rejoined()
        return time.monotonic() - self._began

    def _recovered_position(self) -> str:
        """Up to where the killed server had got: it joins from there and needs no whole copy."""
        command = [*self._command(), "--wsrep-recover"]
        done = subprocess.run(
            [each for each in command if each != "--wsrep-new-cluster"],
            capture_output=True, text=True, check=False, timeout=_START_SECONDS, **_as_user(),
        )  # fmt: skip
        found = re.findall(r"Recovered position: (\S+)", done.stdout + done.stderr)
        return found[-1] if found else "00000000-0000-0000-0000-000000000000:-1"

    def _how_it_rejoined(self) -> str:
        with self._log.open(errors="replace") as log:
            log.seek(self._said)
            said = log.read()
        return "whole copy (SST)" if "rsync SST completed on joiner" in said else "what it missed (IST)"


class Galera:
    """The cluster: the first node begins it, the others join one after the other."""

    def __init__(self, above: int, folder: Path):
        self.nodes: list[Node] = []
        ports = _pick(above, folder)
        try:
            for number in range(NODES):
                self.nodes.append(Node(number, ports))
        except BaseException:
            self.stop()
            raise

    def status_of_all(self, like: str) -> dict[str, int]:
        """Figures summed up over the nodes that answer."""
        sums: dict[str, int] = {}
        for node in self.nodes:
            with suppress(pymysql.Error, OSError):
                for name, value in node.statuses(like).items():
                    sums[name] = sums.get(name, 0) + (int(value) if value.isdigit() else 0)
        return sums

    def stop(self) -> None:
        for node in self.nodes:
            node.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()


def find_provider() -> str:
    """Galera's own library; ServerMissing says where it comes from."""
    for path in _PROVIDERS:
        if Path(path).is_file():
            return path
    raise ServerMissing("Galera is not installed: sudo apt-get install galera-4")


def _pick(above: int, folder: Path) -> dict[str, int]:
    """A first port for each node, so far apart that the four of one are no other's."""
    ports: dict[str, int] = {}
    for number in range(NODES):
        name = f"node {number}"
        ports |= pick_ports((name,), above + number * _APART, folder / f"node{number}.json")
    return ports


def _unprivileged() -> pwd.struct_passwd | None:
    """Who the servers run as; None when this process is nobody special itself."""
    if os.geteuid() != 0:
        return None
    for name in ("mysql", "nobody"):
        with suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerMissing("Galera does not run as root, and there is neither a user mysql nor nobody here")


def _as_user() -> dict[str, Any]:
    user = _unprivileged()
    if user is None:
        return {"env": {**os.environ, "USER": getpass.getuser()}}
    path = os.pathsep.join(["/usr/sbin", "/usr/bin", "/sbin", "/bin"])
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "env": {"PATH": path, "HOME": "/"}}


def _give_to_user(path: Path) -> None:
    user = _unprivileged()
    if user is not None:
        shutil.chown(path, user.pw_uid, user.pw_gid)
