"""nginx as Debian sets it up, with the shop's site in it, as an unprivileged user."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hosting.host.deploy_files import Server

PROGRAM = "/usr/sbin/nginx"
_BROTLI = Path("/usr/lib/nginx/modules/ngx_http_brotli_filter_module.so")
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_START_SECONDS = 20


class Nginx:
    """Debian's nginx.conf with its lines that matter here; the site, and brotli where its module is, are the shop's own."""

    def __init__(self, server: Server):
        self._server = server
        self._conf = server.folder / "nginx.conf"
        self.has_brotli = _BROTLI.is_file()
        server.install("nginx/site.conf", "sites-enabled/tradepost")
        if self.has_brotli:
            server.install("nginx/brotli.conf", "conf.d/brotli.conf")
        self._conf.write_text(self._configuration())

    def _configuration(self) -> str:
        folder = self._server.folder
        module = f"load_module {_BROTLI};" if self.has_brotli else ""
        temporary = "\n".join(f"    {name}_temp_path {folder}/temp-{name};" for name in _TEMPORARY)
        return f"""
worker_processes auto;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
{module}
events {{ worker_connections 768; }}
http {{
    sendfile on;
    tcp_nopush on;
    types_hash_max_size 2048;
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    access_log off;
    gzip on;
{temporary}
    include {folder}/conf.d/*.conf;
    include {folder}/sites-enabled/*;
}}
"""

    @property
    def error_log(self) -> str:
        paths = (self._server.folder / "nginx-error.log", self._server.logs / "error.log")
        return "".join(path.read_text(errors="replace") for path in paths if path.is_file())

    def check(self) -> None:
        """`nginx -t`; RuntimeError with what it says."""
        self._server.account.run(PROGRAM, "-t", "-q", *self._arguments)

    @property
    def _arguments(self) -> list[str]:
        return ["-c", str(self._conf), "-e", str(self._server.folder / "nginx-error.log")]

    @contextlib.contextmanager
    def running(self) -> Iterator[Nginx]:
        command = [PROGRAM, *self._arguments, "-g", "daemon off;"]
        process = self._server.account.start(command, start_new_session=True)
        try:
            self._wait(process)
            yield self
        finally:
            process.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=10)
            process.kill()
            process.wait()

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._server.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"nginx did not start:\n{self.error_log[-3000:]}")
