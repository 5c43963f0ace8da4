"""What must hold on a server of one's own besides the tour: packing, caching, limits, what nobody may see, logs without gaps."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from pathlib import Path

import httpx

from tests.hosting.host.checks import ask_raw, expect
from tests.hosting.host.deploy_files import Server

_MEGABYTE = 1024 * 1024
_YEAR = "public, max-age=31536000, immutable"
_PRIVATE = (
    "/instance/settings.toml", "/settings.toml", "/..%2finstance/settings.toml", "/static/../../instance/settings.toml",
    "/static/..%2f..%2finstance/settings.toml", "/static../instance/settings.toml", "/media../settings.toml",
    "/media/../settings.toml", "/media/..%2fsettings.toml", "/.env", "/.git/config", "/static/.env", "/media/.env",
    "/app/settings.py", "/wsgi.py", "/deploy/gunicorn_settings.py", "/deploy/mod_wsgi_entry.py", "/uploads/",
    "/instance/uploads/", "/instance/shop.db", "/setup-code.txt", "/media/", "/static/", "/closed/closed.html/..",
    "/closed/site.conf", "/closed/../site.conf", "/.well-known/../.env",
)  # fmt: skip


def client(server: Server) -> httpx.Client:
    return httpx.Client(verify=str(server.certificate), timeout=70, follow_redirects=False)


def verify_units(server: Server) -> bool:
    """Whether systemd's own check was there to be asked; HostFailed when it finds fault with a unit."""
    program = Path("/usr/bin/systemd-analyze")
    if not program.is_file():
        return False
    folder = server.folder / "units"
    for path in sorted((server.account.shop / "deploy" / "systemd").rglob("*.*")):
        if path.is_file():
            name = str(path.relative_to(server.account.shop / "deploy" / "systemd"))
            # Users are looked up, and this one is made by the owner of a server.
            text = server.render(f"systemd/{name}")
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
    units = [str(path) for path in folder.glob("tradepost*.*") if path.is_file()]
    done = subprocess.run(
        [str(program), "verify", "--man=no", *units],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{folder}:"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if "tradepost" in line]
    expect(
        done.returncode == 0 and not said,
        f"systemd has nothing against the units: {said} {done.stderr[-500:]}",
    )
    return True


def check_closed(server: Server) -> None:
    """nginx's own page while nobody answers: 503, honest, with Retry-After, and with the shop's style sheet."""
    with client(server) as browser:
        answer = browser.get(server.url + "/catalog")
        expect(answer.status_code == 503, f"without gunicorn it is 503: {answer.status_code}")
        expect("does not answer just now" in answer.text, f"a page of its own says so: {answer.text[:200]}")
        expect(answer.headers.get("retry-after") == "30", f"it says when to come again: {answer.headers}")
        expect(answer.headers.get("cache-control") == "no-store", "nobody keeps it")
        expect(browser.get(server.url + "/static/shop.css").status_code == 200, "its style sheet is there")


def check_plain_http(server: Server) -> None:
    with client(server) as browser:
        answer = browser.get(server.plain_url + "/catalog?q=1")
        led = answer.headers.get("location", "")
        expect(
            answer.status_code == 301 and led == f"{server.url}/catalog?q=1",
            f"http leads to https: {answer.status_code} {led}",
        )
        refused = browser.post(server.plain_url + "/webhooks/square", content=b"{}").status_code
        expect(refused == 403, f"news about payments is not taken unencrypted: {refused}")
        (server.folder / "www" / ".well-known" / "acme-challenge").mkdir(parents=True, exist_ok=True)
        (server.folder / "www" / ".well-known" / "acme-challenge" / "word").write_text("mine")
        server.account.own_everything()
        proof = browser.get(server.plain_url + "/.well-known/acme-challenge/word")
        expect(proof.text == "mine", f"a certificate can be fetched: {proof.status_code}")


def check_strangers_get_nothing(server: Server) -> None:
    """A name that is not the shop's."""
    for url, host in ((server.plain_url, "elsewhere.example"), (server.url, "elsewhere.example")):
        with client(server) as browser:
            try:
                status = browser.get(url + "/", headers={"Host": host}).status_code
            except httpx.HTTPError:
                continue
        expect(status in {421, 444}, f"another name is not answered: {status}")


def check_packing(server: Server, *, brotli: bool) -> str:
    """Pages and files are packed; the figures as words."""
    found = []
    for name, asked in (("brotli", "br"), ("gzip", "gzip")):
        if name == "brotli" and not brotli:
            found.append("no brotli, for its module is not here")
            continue
        for path in ("/catalog", "/static/shop.css"):
            plain, packed = (_size(server, path, coding) for coding in ("identity", asked))
            expect(packed[1] == asked, f"{path} comes as {name}: {packed[1]!r}")
            expect(plain[1] == "", f"{path} comes plain where that is wanted: {plain[1]!r}")
            found.append(f"{path} {plain[0] // 1024} KB as {name} {packed[0] / 1024:.1f} KB")
    return "; ".join(found)


def _size(server: Server, path: str, coding: str) -> tuple[int, str]:
    """Bytes on the way, and how they are packed."""
    with (
        client(server) as browser,
        browser.stream("GET", server.url + path, headers={"Accept-Encoding": coding}) as answer,
    ):
        expect(answer.status_code == 200, f"{path} is there: {answer.status_code}")
        return sum(map(len, answer.iter_raw())), answer.headers.get("content-encoding", "")


def check_files(server: Server) -> None:
    """Files go past Python; those whose address names their state for a year, the others asked for again."""
    picture = server.account.instance / "media" / "trial.webp"
    picture.write_bytes(b"RIFF\x04\x00\x00\x00WEBP")
    server.account.own_everything()
    with client(server) as browser:
        page = browser.get(server.url + "/")
        expect("x-request-id" in page.headers, "a page comes from the shop")
        hashed = re.findall(r'(?:href|src)="(/static/[^"]+\?v=[^"]+)"', page.text)
        expect(len(hashed) >= 3, f"the page names its files with their state: {hashed}")
        for path in [*hashed, "/static/desk/desk.css?v=1", "/static/desk/desk.js?v=1", "/media/trial.webp"]:
            answer = browser.get(server.url + path)
            expect(answer.status_code == 200, f"{path} is there: {answer.status_code}")
            expect("x-request-id" not in answer.headers, f"{path} does not touch Python")
            expect(answer.headers["cache-control"] == _YEAR, f"{path} is kept for a year: {answer.headers}")
            expect(answer.headers["x-content-type-options"] == "nosniff", f"{path} is what it says it is")
        answer = browser.get(server.url + hashed[0].partition("?")[0])
        expect(
            answer.headers["cache-control"] == "no-cache", f"without it, asked for again: {answer.headers}"
        )
        again = browser.get(
            server.url + hashed[0].partition("?")[0], headers={"If-None-Match": answer.headers["etag"]}
        )
        expect(again.status_code == 304, f"and not sent again where nothing changed: {again.status_code}")
    picture.unlink()


def check_private(server: Server) -> int:
    """How many addresses were tried; each must be refused."""
    for folder in (
        server.account.shop,
        server.account.shop / "app" / "static",
        server.account.instance / "media",
    ):
        (folder / ".git").mkdir(exist_ok=True)
        (folder / ".git" / "config").write_text("[core] private\n")
        (folder / ".env").write_text("SECRET=private\n")
    server.account.own_everything()
    secret = (server.account.instance / "settings.toml").read_text().splitlines()[-1]
    for path in _PRIVATE:
        status, body = ask_raw(server.url + path, server.certificate)
        is_refused = status in {301, 308, 400, 403, 404, 405}
        expect(is_refused and "private" not in body and secret not in body, f"{path} is refused: {status}")
    return len(_PRIVATE)


def check_upload_limit(server: Server) -> None:
    """Somewhat too large: the shop's own page. Far too large: the web server's, which looks like it."""
    with client(server) as browser:
        for megabytes, words in ((11.5, "A file may have at most 10 MB"), (13, "nothing of it was kept")):
            files = {
                "file": ("price-list.pdf", b"%PDF-" + b" " * int(megabytes * _MEGABYTE), "application/pdf")
            }
            answer = browser.post(server.url + "/contact", files=files)
            expect(answer.status_code == 413, f"{megabytes} MB are too much: {answer.status_code}")
            expect(words in answer.text, f"and a page says so: {answer.text[:300]}")
            expect("/static/shop.css" in answer.text, "which looks like the shop")


def check_rotation(server: Server) -> str:
    """The log is changed while requests come in: each has its line, in the old file or the new one."""
    log = server.logs / "access.log"
    conf = server.install("logrotate.conf", "logrotate.d/tradepost")
    conf.chmod(0o644)
    if os.getuid() == 0:
        os.chown(conf, 0, 0)
    before = len(log.read_text().splitlines())
    said = ""
    with client(server) as browser:
        for number in range(300):
            browser.get(server.url + f"/healthz?number={number}")
            if number == 150:
                # As cron does it; logrotate takes a file that others may write to for a trap.
                said = server.account.run("/usr/sbin/logrotate", "-f", "-v", "-s", str(server.folder / "rotated"),
                                          str(_owned_copy(server, conf)))  # fmt: skip
        time.sleep(0.3)
    [old] = server.logs.glob("access.log-*")
    kept, fresh = old.read_text().splitlines(), log.read_text().splitlines()
    expect(len(fresh) >= 140, f"new lines land in the new file: {len(fresh)} of 149\n{said[-1500:]}")
    expect(
        len(kept) + len(fresh) == before + 300,
        f"no line is lost: {len(kept)} + {len(fresh)} of {before + 300}",
    )
    line = json.loads(fresh[-1])
    expect(line["page"] == "/healthz" and line["status"] == 200, f"and says what it should: {line}")
    return f"{len(kept) - before} of 300 lines in the old file, {len(fresh)} in the new one"


def _owned_copy(server: Server, conf: Path) -> Path:
    """logrotate reads only what belongs to whoever runs it."""
    if os.getuid() == 0:
        os.chown(conf, server.account.user.pw_uid, server.account.user.pw_gid)
    return conf


def check_no_link_in_log(server: Server, log: Path) -> None:
    with client(server) as browser:
        browser.get(server.url + "/password/reset/very-secret-word?also=very-secret-word")
        browser.get(server.url + "/search?q=very-secret-word")
    time.sleep(0.2)
    text = log.read_text()
    expect(
        "very-secret-word" not in text and "/[removed]" in text.replace("/password/reset", ""),
        "links from mails are not written down",
    )
