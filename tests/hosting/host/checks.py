"""What must hold at a shared host besides the tour: nothing private goes out, files skip Python, http leads to https."""

from __future__ import annotations

import subprocess
from pathlib import Path

import httpx

from tests.hosting.host.account import Account
from tests.hosting.host.apache import PASSENGER, Apache

_YEAR = "public, max-age=31536000, immutable"
_PRIVATE = (
    "/instance/settings.toml", "/settings.toml", "/..%2finstance/settings.toml", "/static/../../instance/settings.toml",
    "/media/../settings.toml", "/.env", "/.git/config", "/.htaccess", "/static/.htaccess", "/tradepost.cgi~",
    "/passenger_wsgi.py", "/wsgi.py", "/uploads/", "/instance/uploads/", "/setup-code.txt", "/tmp/restart.txt",
    "/media/", "/static/",
)  # fmt: skip
_CARELESS = (
    "/", "/instance/settings.toml", "/instance/", "/wsgi.py", "/app/settings.py", "/.env", "/.git/config",
    "/SHA256SUMS", "/instance/cron.log",
)  # fmt: skip
_GONE = ("/set-up/database", "/set-up/owner", "/set-up/here")


class HostFailed(Exception):
    """The sentence says what was expected and what was there."""


def expect(is_so: bool, words: str) -> None:
    if not is_so:
        raise HostFailed(words)


def client(apache: Apache) -> httpx.Client:
    return httpx.Client(verify=str(apache.certificate), timeout=60, follow_redirects=False)


def plant_private_files(account: Account) -> None:
    """What must not lie in a public folder and sometimes does."""
    for folder in (account.shop, account.public):
        (folder / ".git").mkdir(exist_ok=True)
        (folder / ".git" / "config").write_text("[core] private\n")
        (folder / ".env").write_text("SECRET=private\n")
    account.own_everything()


def check_before_set_up(apache: Apache) -> None:
    with client(apache) as browser:
        answer = browser.get(apache.plain_url + "/catalog?q=1")
        led = answer.headers.get("location", "")
        expect(
            answer.status_code == 301 and led.startswith("https://") and led.endswith("/catalog?q=1"),
            f"http leads to https: {answer.status_code} {led}",
        )
        expect(
            browser.get(apache.url + "/catalog").status_code == 503, "a shop that is not set up answers 503"
        )


def check_private(apache: Apache) -> int:
    """How many addresses were tried; each must be refused, whichever folder the host shows."""
    secret = (apache.account.instance / "settings.toml").read_text().splitlines()[-1]
    with client(apache) as browser:
        # Under CGI this address is the shop itself; under Passenger it would be a program's text.
        starter = ["/tradepost.cgi"] if apache.way == PASSENGER else []
        places = [apache.url + path for path in (*_PRIVATE, *starter)] + [
            apache.careless_url + path for path in _CARELESS
        ]
        for place in places:
            # As it stands: a browser, and httpx, would tidy the dots away.
            status, body = ask_raw(place, apache.certificate)
            is_refused = status in {301, 302, 303, 308, 400, 403, 404}
            expect(
                is_refused and "private" not in body and secret not in body, f"{place} is refused: {status}"
            )
        for path in _GONE:
            expect(browser.get(apache.url + path).status_code == 404, f"{path} is gone after the set-up")
    return len(places)


def ask_raw(url: str, certificate: Path) -> tuple[int, str]:
    command = [
        "curl",
        "-s",
        "--path-as-is",
        "--cacert",
        str(certificate),
        "-o",
        "-",
        "-w",
        "\n%{http_code}",
        url,
    ]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode(
        errors="replace"
    )
    body, _, status = said.rpartition("\n")
    return int(status), body


def check_files_skip_python(apache: Apache, media: Path) -> None:
    """Answers of the shop carry a request id; files sent by Apache do not. A year for those whose address names their content."""
    picture = media / "trial.webp"
    picture.write_bytes(b"RIFF\x04\x00\x00\x00WEBP")
    apache.account.own_everything()
    with client(apache) as browser:
        expect("x-request-id" in browser.get(apache.url + "/").headers, "a page comes from the shop")
        for path in (
            "/static/shop.css",
            "/static/vendor/htmx.min.js",
            "/static/desk/desk.css",
            "/media/trial.webp",
        ):
            answer = browser.get(apache.url + path)
            expect(answer.status_code == 200, f"{path} is there: {answer.status_code}")
            expect("x-request-id" not in answer.headers, f"{path} does not touch Python")
        for address, told in (("/static/shop.css?v=1", _YEAR), ("/static/shop.css", "no-cache")):
            kept = browser.get(apache.url + address).headers.get("cache-control", "")
            expect(kept == told, f"{address} is kept as {told!r}: {kept!r}")
        encoded = browser.get(apache.url + "/products/caf%C3%A9%20cr%C3%A8me")
        expect(
            encoded.status_code == 404,
            f"an address with letters beyond ASCII is understood: {encoded.status_code}",
        )
    picture.unlink()
