"""Going through the set-up page as an owner does: in headless Chromium, or over plain HTTP where there is none."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin

import httpx
from bs4 import BeautifulSoup
from playwright.sync_api import Page, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_SLOW_MS = 90_000
Answers = dict[str, Any]


class Visitor(Protocol):
    """Fields by their ids. A button's `do` is "go" or "test"."""

    def open(self, url: str) -> str: ...
    def send(self, answers: Answers, do: str = "") -> str: ...
    def value_of(self, field: str) -> str: ...
    def close(self) -> None: ...


class ChromiumVisitor:
    """With scripts off, which the set-up has none of; `pictures` is a folder for what it looks like."""

    name = "headless Chromium"

    def __init__(self, pictures: Path | None = None):
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        context = self._browser.new_context(
            ignore_https_errors=True, java_script_enabled=False, viewport={"width": 1000, "height": 800}
        )
        context.set_default_timeout(_SLOW_MS)
        self._page: Page = context.new_page()
        self._pictures = pictures
        self._count = 0

    def open(self, url: str) -> str:
        self._page.goto(url)
        return self._page.inner_text("main")

    def send(self, answers: Answers, do: str = "") -> str:
        for field, value in answers.items():
            self._fill(field, value)
        self._photograph()
        button = f'main button[name=do][value="{do}"]' if do else "main button[type=submit]"
        self._page.click(button)
        self._page.wait_for_load_state("load")
        return self._page.inner_text("main")

    def _fill(self, field: str, value: Any) -> None:
        if isinstance(value, bool):
            self._page.set_checked(f"#{field}", value)
        elif self._page.locator(f'input[type=radio][name="{field}"]').count():
            self._page.check(f'input[name="{field}"][value="{value}"]')
        elif self._page.locator(f"select#{field}").count():
            self._page.select_option(f"#{field}", value)
        else:
            if not self._page.locator(f"#{field}").is_visible():
                self._page.click("summary")
            self._page.fill(f"#{field}", value)

    def _photograph(self) -> None:
        if self._pictures is not None:
            self._count += 1
            self._page.screenshot(path=self._pictures / f"{self._count:02}.png", full_page=True)

    def value_of(self, field: str) -> str:
        return self._page.locator(f"#{field}").input_value()

    def close(self) -> None:
        self._photograph()
        self._browser.close()
        self._playwright.stop()


class PlainVisitor:
    """A browser that is none: sends what stands in the form and what is answered."""

    name = "plain HTTP (no Chromium here)"

    def __init__(self, certificate: Path):
        self._client = httpx.Client(follow_redirects=True, timeout=_SLOW_MS / 1000, verify=str(certificate))
        self._url, self._soup = "", BeautifulSoup("", "html.parser")

    def open(self, url: str) -> str:
        return self._show(self._client.get(url))

    def send(self, answers: Answers, do: str = "") -> str:
        form = self._soup.select_one("main form")
        if form is None:
            raise RuntimeError(f"no form at {self._url}")
        values = {str(each["name"]): self._present(each) for each in form.select("input[name], select[name]")}
        sent = {name: value for name, value in (values | answers).items() if value not in {None, False}}
        sent = {name: "y" if value is True else value for name, value in sent.items()}
        target = urljoin(self._url, str(form.get("action") or self._url))
        headers = {"Referer": self._url}
        return self._show(self._client.post(target, data=sent | ({"do": do} if do else {}), headers=headers))

    def _present(self, field: Any) -> Any:
        if field.name == "select":
            chosen = field.select_one("option[selected]")
            return chosen["value"] if chosen else ""
        if field.get("type") in {"checkbox", "radio"}:
            name, checked = field["name"], self._soup.select_one(f'input[name="{field["name"]}"][checked]')
            return checked.get("value", "y") if checked and name else None
        return field.get("value", "")

    def _show(self, answer: httpx.Response) -> str:
        self._url, self._soup = str(answer.url), BeautifulSoup(answer.text, "html.parser")
        main = self._soup.select_one("main")
        return main.get_text(" ") if main else answer.text

    def value_of(self, field: str) -> str:
        found = self._soup.select_one(f"#{field}")
        return html.unescape(str(found.get("value") or found.get_text())) if found else ""

    def close(self) -> None:
        self._client.close()


def find_visitor(certificate: Path, pictures: Path | None) -> ChromiumVisitor | PlainVisitor:
    return ChromiumVisitor(pictures) if CHROMIUM.exists() else PlainVisitor(certificate)
