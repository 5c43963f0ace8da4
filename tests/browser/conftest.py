"""One shop and one browser for all browser tests of a process; `visits` opens pages in it as whoever one likes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from sandbox.demo.people import DEMO_PASSWORD
from tests.browser.running_shop import RunningShop

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OWNER = "owner@harborandpine.example"
# A refusal is an answer: the browser notes its number, and htmx notes that it did not swap it in.
ANSWERS = re.compile(
    r"^Failed to load resource: the server responded with a status of (401|403|404|409|410|422|429)"
    r"|^Response Status Error Code (401|403|404|409|410|429|503)"
)
_TELL_BLOCKED = (
    "addEventListener('securitypolicyviolation', (event) =>"
    " console.error('blocked by the policy: ' + event.violatedDirective + ' ' + event.blockedURI))"
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shop(tmp_path_factory, square_server, mail_catcher) -> Iterator[RunningShop]:
    """The demo shop, running; what one test changes in it, the next one finds changed."""
    with RunningShop(tmp_path_factory.mktemp("shop"), square_server, mail_catcher) as running:
        yield running


@pytest.fixture(scope="session")
def browser_visits(chromium: Browser, shop: RunningShop) -> Visits:
    return Visits(chromium, shop.url)


@pytest.fixture
def visits(browser_visits: Visits) -> Iterator[Visits]:
    """`visits.open(who=…)` is a page; whatever the browser complains about fails the test at its end."""
    yield browser_visits
    complaints = browser_visits.end()
    assert not complaints, "\n".join(complaints)


class Visits:
    """Windows of people at the shop. Signing in happens once for each person, then the cookie is used again."""

    def __init__(self, browser: Browser, url: str):
        self._browser = browser
        self._url = url
        self._states: dict[str, Any] = {}
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []
        self._forgiven: list[str] = []
        self._addresses = count(1)

    def open(self, who: str = "", *, width: int = 1280, scripts: bool = True, **options: Any) -> Page:
        """A new window; `who` is the e-mail address of somebody of the demo, or nobody."""
        if who and who not in self._states:
            self._states[who] = self._sign_in(who)
        if who:
            options["storage_state"] = self._states[who]
        context = self._new_context(width, java_script_enabled=scripts, **options)
        self._contexts.append(context)
        return context.new_page()

    def forgive(self, words: str) -> None:
        """A complaint with these words is what this test brings about on purpose."""
        self._forgiven.append(words)

    def end(self) -> list[str]:
        """Close all windows; what the browser complained about in them."""
        for context in self._contexts:
            context.close()
        found = [each for each in self._complaints if not any(words in each for words in self._forgiven)]
        self._contexts, self._complaints, self._forgiven = [], [], []
        return found

    def _new_context(self, width: int, **options: Any) -> BrowserContext:
        number = next(self._addresses)
        context = self._browser.new_context(
            viewport={"width": width, "height": 900},
            base_url=self._url,
            extra_http_headers={"X-Forwarded-For": f"10.0.{number // 250}.{number % 250 + 1}"},
            **options,
        )
        context.set_default_timeout(15_000)
        context.add_init_script(_TELL_BLOCKED)
        context.on("console", self._note)
        context.on("weberror", lambda error: self._complaints.append(f"{error.page}: {error.error}"))
        return context

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not ANSWERS.match(message.text):
            self._complaints.append(f"{message.page.url if message.page else '?'}: {message.text}")

    def _sign_in(self, who: str) -> Any:
        context = self._new_context(1280)
        try:
            page = context.new_page()
            sign_in(page, who)
            return context.storage_state()
        finally:
            context.close()


def sign_in(page: Page, email: str, password: str = DEMO_PASSWORD) -> None:
    page.goto("/login")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign in").click()
    assert "/login" not in page.url, page.get_by_role("main").inner_text()


def here(name: str) -> Path:
    """A file beside these tests."""
    return Path(__file__).parent / name
