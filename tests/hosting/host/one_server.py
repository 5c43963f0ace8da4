"""One server: nginx, gunicorn, RQ, MariaDB and Redis, by the files of deploy/ and the commands of docs/hosting.md."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from tests.hosting.host import checks, figures, server_checks
from tests.hosting.host.account import Account
from tests.hosting.host.as_systemd import Service, held_socket
from tests.hosting.host.checks import expect
from tests.hosting.host.database import Connections, make_database
from tests.hosting.host.deploy_files import Server
from tests.hosting.host.goods import Goods, sign_in_buyers
from tests.hosting.host.nginx import Nginx
from tests.hosting.host.set_up_server import MOST_CONNECTIONS, install_shop, paste_settings
from tests.hosting.host.steady_load import SteadyLoad
from tests.hosting.host.trial import Outside, check_work, say, seed, tour
from tests.servers import Redis

SERVER = "server"
_DATABASE = "tradepost"
_WORKERS = 2
_RELOADS = 4
_REQUESTS_BETWEEN = 50
_VISITORS = 6
_NO_LIMITS = "RATE_LIMITS = false\nBUSY_AFTER_MILLISECONDS = 0\n"


class Shop:
    """All services of the shop; `web` has the pages, `background` the relay and the workers."""

    def __init__(self, web: Service, background: list[Service]):
        self.web, self.background = web, background

    @property
    def log(self) -> str:
        return "".join(each.log for each in (self.web, *self.background))

    def stop(self) -> None:
        # All of them, even when this test is told to stop while it waits for one.
        with contextlib.ExitStack() as stack:
            for each in (*self.background, self.web):
                stack.callback(each.stop)


def walk_server(account: Account, outside: Outside) -> None:
    """From the empty server to a shop that is reloaded under load."""
    make_database(outside.mariadb, _DATABASE, MOST_CONNECTIONS)
    server = Server(account)
    nginx = Nginx(server)
    account.own_everything()
    nginx.check()
    verified = server_checks.verify_units(server)
    say(f"  nginx -t has nothing against the site{', systemd nothing against the units' if verified else ''}")
    with _redis() as redis, nginx.running(), Connections(outside.mariadb) as connections:
        server_checks.check_closed(server)
        with _services(server) as shop:
            try:
                _set_up(server, outside, redis, shop)
                _check_site(server, nginx)
                _walk_tour(server, outside, shop)
                check_work(outside.mariadb, _DATABASE)
                _reload_under_load(server, outside, shop)
                say(f"  log rotation: {server_checks.check_rotation(server)}")
                server_checks.check_no_link_in_log(server, server.logs / "access.log")
                _check_backup(server)
                _print_figures(server, shop)
            except checks.HostFailed as failure:
                raise checks.HostFailed(
                    f"{failure}\n{nginx.error_log[-1500:]}\n{shop.log[-2500:]}"
                ) from failure
        server_checks.check_closed(server)
        expect(connections.most <= MOST_CONNECTIONS, f"database connections: {connections.most}")
        say(f"  database connections at most: {connections.most}")


@contextlib.contextmanager
def _redis() -> Iterator[str]:
    """A private one that the account's user may reach; its address."""
    with Redis() as redis:
        redis.home.chmod(0o711)
        redis.socket.chmod(0o666)
        yield redis.url


@contextlib.contextmanager
def _services(server: Server) -> Iterator[Shop]:
    """None runs yet; all are stopped at the end."""
    with held_socket(server) as listener:
        web = Service(server, "tradepost-web.service", listener)
        background = [Service(server, "tradepost-relay.service")]
        background += [Service(server, "tradepost-worker@.service") for _ in range(_WORKERS)]
        shop = Shop(web, background)
        try:
            yield shop
        finally:
            shop.stop()


def _set_up(server: Server, outside: Outside, redis: str, shop: Shop) -> None:
    """In the order of docs/hosting.md: pages first, for the set-up asks for its own address."""
    shop.web.start()
    with server_checks.client(server) as browser:
        seen = browser.get(server.url + "/catalog")
    expect(seen.status_code == 503 and "opens soon" in seen.text, f"strangers wait: {seen.text[:300]}")
    install_shop(server, outside, _DATABASE)
    paste_settings(server, redis)
    seed(server.account)
    shop.web.restart()
    for each in shop.background:
        each.start()
    say("  set up by flask install; the shop is open")


def _check_site(server: Server, nginx: Nginx) -> None:
    server_checks.check_plain_http(server)
    server_checks.check_strangers_get_nothing(server)
    say(f"  packed: {server_checks.check_packing(server, brotli=nginx.has_brotli)}")
    server_checks.check_files(server)
    server_checks.check_upload_limit(server)
    say("  files go past Python, hashed ones for a year; uploads beyond the limit get a page that says so")
    say(f"  {server_checks.check_private(server)} private addresses refused")
    with server_checks.client(server) as browser:
        ready = browser.get(server.url + "/readyz").json()
    expect(ready["checks"]["redis"]["ok"], f"Redis is in use: {ready}")


def _walk_tour(server: Server, outside: Outside, shop: Shop) -> None:
    began = time.monotonic()
    words = tour(server.url, server.certificate, outside, "rq", lambda: shop.log)
    say(f"  tour: {words} ({time.monotonic() - began:.0f} s)")
    expect(
        all(each.is_running for each in shop.background), f"relay and workers still run: {shop.log[-2000:]}"
    )


def _reload_under_load(server: Server, outside: Outside, shop: Shop) -> None:
    """Reloaded, a worker ended, restarted, and asked to reload into settings that cannot be: nobody notices."""
    web = shop.web
    _limits(server, "off")
    expect(web.reload(), f"settings are read anew: {web.log[-800:]}")
    goods = Goods(outside.mariadb, _DATABASE)
    buyers = sign_in_buyers(server, _VISITORS)
    before = goods.cases_in_carts()
    with SteadyLoad(buyers, goods) as load:
        load.await_requests(_REQUESTS_BETWEEN)
        for _ in range(_RELOADS):
            old = web.workers()
            expect(web.reload(), f"a reload works: {web.log[-800:]}")
            _await_others(web, old)
            load.await_requests(_REQUESTS_BETWEEN)
        _end_a_worker(web)
        load.await_requests(_REQUESTS_BETWEEN)
        web.restart()
        load.await_requests(_REQUESTS_BETWEEN)
        _refuse_a_wrong_reload(server, web)
        load.await_requests(_REQUESTS_BETWEEN)
    for buyer in buyers:
        buyer.close()
    tally = load.tally
    say(
        f"  reloaded {_RELOADS} times, a worker ended, restarted, one reload refused, under {len(buyers)} visitors:"
    )
    say(f"    {tally.in_words()}")
    expect(
        not tally.failed, f"no request is lost: {len(tally.failed)} of {tally.requests}, {tally.failed[:5]}"
    )
    added = goods.cases_in_carts() - before
    expect(added == tally.posts, f"each press put its goods into the cart once: {added} of {tally.posts}")
    _limits(server, "on")
    expect(web.reload(), "limits are back")


def _limits(server: Server, state: str) -> None:
    """Off: all visitors of this test come from one address, and a machine that is busy with other tests sends nobody away."""
    file = server.account.instance / "settings.toml"
    text = file.read_text().replace(_NO_LIMITS, "")
    file.write_text(text + (_NO_LIMITS if state == "off" else ""))


def _await_others(web: Service, old: set[int]) -> None:
    """Until none of the old workers is there and new ones are."""
    deadline = time.monotonic() + 90
    while (web.workers() & old or not web.workers()) and time.monotonic() < deadline:
        time.sleep(0.1)
    expect(web.is_running and not web.workers() & old, f"new workers took over: {web.log[-1500:]}")


def _end_a_worker(web: Service) -> None:
    ended = min(web.workers())
    os.kill(ended, signal.SIGTERM)
    _await_others(web, {ended})


def _refuse_a_wrong_reload(server: Server, web: Service) -> None:
    """With settings the shop cannot use, the reload ends before anything is touched."""
    file = server.account.instance / "settings.toml"
    right, workers = file.read_text(), web.workers()
    file.write_text(right.replace("SITE_URL", "SIDE_URL"))
    is_done = web.reload()
    file.write_text(right)
    expect(
        not is_done and web.workers() == workers,
        "a reload into wrong settings is refused, and the shop goes on",
    )
    expect("SIDE_URL" in web.log, f"and the log says why: {web.log[-800:]}")


def _check_backup(server: Server) -> None:
    """What the timer starts."""
    unit = Service(server, "tradepost-backup.service")
    [command] = unit.unit.commands("ExecStart")
    server.account.run(*command, cwd=unit.unit.value("WorkingDirectory"))
    [file] = (server.account.home / "backups").glob("shop-*.zip")
    say(f"  backup: {file.name}, {file.stat().st_size // 1024} KB")


def _print_figures(server: Server, shop: Shop) -> None:
    for name, pids in (
        ("a gunicorn worker", shop.web.workers()),
        ("an RQ worker", {shop.background[-1].pid}),
    ):
        resident, own = figures.memory_of(sorted(pids)[0])
        say(f"  {name}: {resident} MiB resident, {own} MiB its own share")
    say(f"  front page: {figures.page_seconds(server, '/', 7) * 1000:.0f} ms")
    stopped = {Path(f"/proc/{pid}") for pid in shop.web.workers()}
    seconds = shop.web.stop()
    expect(not any(path.exists() for path in stopped), "stopping leaves no process")
    say(f"  stopped in {seconds:.1f} s")
