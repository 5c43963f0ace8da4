"""The server again, with Apache and mod_wsgi in the place of nginx and gunicorn: deploy/apache/site.conf."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hosting.host import checks, figures, server_checks
from tests.hosting.host.account import Account
from tests.hosting.host.checks import expect
from tests.hosting.host.database import make_database
from tests.hosting.host.deploy_files import Server
from tests.hosting.host.goods import Goods, sign_in_buyers
from tests.hosting.host.set_up_server import MOST_CONNECTIONS, install_shop
from tests.hosting.host.steady_load import SteadyLoad
from tests.hosting.host.trial import Outside, say, seed

MOD_WSGI = "mod_wsgi"
_DATABASE = "tradepost_mod_wsgi"
_MODULES = Path("/usr/lib/apache2/modules")
# What Debian has switched on, and what docs/hosting.md adds.
_USUAL = (
    "mpm_event",
    "authz_core",
    "authz_host",
    "mime",
    "dir",
    "env",
    "setenvif",
    "alias",
    "filter",
    "socache_shmcb",
)
_ADDED = ("ssl", "http2", "headers", "wsgi", "deflate", "brotli")
_START_SECONDS = 60
_RELOADS = 3
_REQUESTS_BETWEEN = 40


class ModWsgi:
    """Debian's Apache with the shop's site in it, as an unprivileged user."""

    def __init__(self, server: Server):
        self._server = server
        self._conf = server.folder / "apache2.conf"
        server.install("apache/site.conf", "sites-enabled/tradepost.conf")
        self._conf.write_text(self._configuration())

    def _configuration(self) -> str:
        folder = self._server.folder
        loads = "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in (*_USUAL, *_ADDED))
        return f"""
ServerName localhost
ServerRoot {folder}
PidFile {folder}/apache.pid
DefaultRuntimeDir {folder}
ErrorLog {folder}/error.log
LogLevel warn
TypesConfig /etc/mime.types
{loads}
WSGISocketPrefix {folder}/wsgi
Listen 127.0.0.1:{self._server.plain_port}
Listen 127.0.0.1:{self._server.port}
<Directory />
    Options FollowSymLinks
    AllowOverride None
    Require all denied
</Directory>
<Directory {folder}/www>
    Require all granted
</Directory>
IncludeOptional {folder}/sites-enabled/*.conf
"""

    @property
    def log(self) -> str:
        paths = (self._server.folder / "error.log", self._server.logs / "tradepost-error.log")
        return "".join(path.read_text(errors="replace") for path in paths if path.is_file())

    @contextlib.contextmanager
    def running(self) -> Iterator[ModWsgi]:
        command = ["/usr/sbin/apache2", "-f", str(self._conf), "-DFOREGROUND"]
        process = self._server.account.start(command, start_new_session=True)
        try:
            self._wait(process)
            yield self
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=20)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._server.port)) == 0:
                    return
            time.sleep(0.1)
        raise RuntimeError(f"Apache did not start:\n{self.log[-3000:]}")


def walk_mod_wsgi(account: Account, outside: Outside) -> None:
    """Set up, looked at from outside, and loaded anew under load. The tour is gone through the other ways."""
    make_database(outside.mariadb, _DATABASE, MOST_CONNECTIONS)
    server = Server(account)
    apache = ModWsgi(server)
    account.own_everything()
    with apache.running():
        try:
            _set_up(server, outside)
            _check_site(server)
            _load_anew(server, outside)
            server_checks.check_no_link_in_log(server, server.logs / "tradepost-access.log")
        except checks.HostFailed as failure:
            raise checks.HostFailed(f"{failure}\n{apache.log[-3000:]}") from failure
        say(f"  front page: {figures.page_seconds(server, '/', 7) * 1000:.0f} ms")


def _set_up(server: Server, outside: Outside) -> None:
    with server_checks.client(server) as browser:
        seen = browser.get(server.url + "/catalog")
        expect(seen.status_code == 503 and "opens soon" in seen.text, f"strangers wait: {seen.text[:300]}")
        install_shop(server, outside, _DATABASE)
        file = server.account.instance / "settings.toml"
        # As many connections as threads, which docs/hosting.md says for every server; and one address for all visitors here.
        text = re.sub(
            r"^DATABASE_POOL_SIZE = .*$", "DATABASE_POOL_SIZE = 5", file.read_text(), flags=re.MULTILINE
        )
        file.write_text(text + "RATE_LIMITS = false\nBUSY_AFTER_MILLISECONDS = 0\n")
        seed(server.account)
        touch(server)
        seen = browser.get(server.url + "/catalog")
        expect(seen.status_code == 200, f"the shop is open: {seen.status_code}")
    say("  set up by flask install; the shop is open")


def touch(server: Server) -> None:
    """The command of docs/hosting.md: the shop is loaded anew."""
    server.account.run("/usr/bin/touch", str(server.account.shop / "deploy" / "mod_wsgi_entry.py"))


def _check_site(server: Server) -> None:
    server_checks.check_plain_http(server)
    say(f"  packed: {server_checks.check_packing(server, brotli=True)}")
    server_checks.check_files(server)
    server_checks.check_upload_limit(server)
    say("  files go past Python, hashed ones for a year; uploads beyond the limit get a page that says so")
    say(f"  {server_checks.check_private(server)} private addresses refused")


def _load_anew(server: Server, outside: Outside) -> None:
    goods = Goods(outside.mariadb, _DATABASE)
    buyers = sign_in_buyers(server, 4)
    before = goods.cases_in_carts()
    with SteadyLoad(buyers, goods) as load:
        for _ in range(_RELOADS):
            load.await_requests(_REQUESTS_BETWEEN)
            touch(server)
        load.await_requests(_REQUESTS_BETWEEN)
    for buyer in buyers:
        buyer.close()
    tally = load.tally
    say(f"  loaded anew {_RELOADS} times under {len(buyers)} visitors: {tally.in_words()}")
    expect(
        not tally.failed, f"no request is lost: {len(tally.failed)} of {tally.requests}, {tally.failed[:5]}"
    )
    added = goods.cases_in_carts() - before
    expect(added == tally.posts, f"each press put its goods into the cart once: {added} of {tally.posts}")
