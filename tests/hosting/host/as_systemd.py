"""A service of the shop, run as systemd would by the lines of its unit: its socket held, its system calls filtered, its word
awaited, told to reload."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hosting.host import confined
from tests.hosting.host.deploy_files import Server, Unit

_START_SECONDS = 60
# Hands over the socket as number 3, and says to whom: what systemd does between fork and exec.
_HAND_OVER = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); "
    "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1'); os.execv(sys.argv[2], sys.argv[2:])"
)


class Service:
    """Started, reloaded, restarted and stopped like `systemctl` does; what it says is in `log`."""

    def __init__(self, server: Server, name: str, listener: socket.socket | None = None):
        self.unit = Unit(server, name)
        self._account = server.account
        self._listener = listener
        self._folder = server.folder
        self._process: subprocess.Popen[bytes] | None = None
        self._log = server.folder / f"{name}.{id(self)}.log"
        # A copy, for the account's user need not be able to read this repository.
        shutil.copy(confined.__file__, server.folder / "confined.py")

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.is_file() else ""

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def workers(self) -> set[int]:
        """The processes it has started and that still run."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        with contextlib.suppress(OSError):
            return {int(pid) for pid in children.read_text().split()}
        return set()

    def start(self) -> None:
        [command] = self.unit.commands("ExecStart")
        variables = dict(each.split("=", 1) for each in self.unit.values("Environment"))
        more = {"umask": int(self.unit.value("UMask"), 8), "cwd": self.unit.value("WorkingDirectory")}
        files: tuple[int, ...] = ()
        if confined.is_possible():
            filters = self.unit.values("SystemCallFilter")
            command = ["/usr/bin/python3", str(self._folder / "confined.py"), *filters, "--", *command]
        if self._listener is not None:
            files = (self._listener.fileno(),)
            command = ["/usr/bin/python3", "-c", _HAND_OVER, str(files[0]), *command]
        with contextlib.ExitStack() as stack:
            log = stack.enter_context(self._log.open("ab"))
            told = stack.enter_context(self._notices(variables))
            self._process = self._account.start(
                command,
                variables=variables,
                stdout=log,
                stderr=log,
                pass_fds=files,
                start_new_session=True,
                **more,
            )
            if self.unit.value("Type") == "notify":
                self._await(told)

    @contextlib.contextmanager
    def _notices(self, variables: dict[str, str]) -> Iterator[socket.socket]:
        """Where the service says that it is ready."""
        path = self._folder / f"notify-{id(self)}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
            told.bind(str(path))
            path.chmod(0o666)
            told.settimeout(1)
            variables["NOTIFY_SOCKET"] = str(path)
            try:
                yield told
            finally:
                path.unlink()

    def _await(self, told: socket.socket) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and self.is_running:
            with contextlib.suppress(TimeoutError):
                if b"READY=1" in told.recv(4096):
                    return
        raise RuntimeError(f"{self.unit.name} did not say that it is ready:\n{self.log[-3000:]}")

    def reload(self) -> bool:
        """Its ExecReload lines one after the other; False, and the rest left, when one of them fails."""
        for command in self.unit.commands("ExecReload", MAINPID=str(self.pid)):
            with self._log.open("ab") as log:
                where = self.unit.value("WorkingDirectory")
                if self._account.start(command, cwd=where, stdout=log, stderr=log).wait():
                    return False
        return True

    def stop(self) -> float:
        """As KillMode=mixed does it: the first process is told, and all are ended when its time is over. Seconds it took."""
        if self._process is None:
            return 0.0
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(timeout=float(self.unit.value("TimeoutStopSec")))
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        return time.monotonic() - began

    def restart(self) -> None:
        self.stop()
        self.start()


@contextlib.contextmanager
def held_socket(server: Server) -> Iterator[socket.socket]:
    """The shop's socket as tradepost-web.socket describes it: it outlives every gunicorn."""
    unit = Unit(server, "tradepost-web.socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        path = unit.value("ListenStream")
        listener.bind(path)
        Path(path).chmod(int(unit.value("SocketMode"), 8))
        if os.getuid() == 0:
            os.chown(path, server.account.user.pw_uid, server.account.user.pw_gid)
        listener.listen(int(unit.value("Backlog")))
        yield listener
