"""The pages that set up a new shop, in a real browser. They run no script at all, so the browser alone must do."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect
from werkzeug.serving import make_server

from app.extensions import db
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.browser.conftest import ANSWERS
from tests.browser.test_axe import look_at, nothing
from tests.browser.walks import by_label, press, send
from tests.hosting.set_up import SetUp, right_answers


@pytest.fixture
def new_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SetUp]:
    """A folder without settings, and the set-up that answers for it."""
    for name in ("SECRET_KEY", "DATA_KEY", "DATABASE_URL", "SITE_URL", "JOBS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRADEPOST_INSTANCE", str(tmp_path))
    made = SetUp(tmp_path)
    yield made
    if made.shop is not None:
        with made.shop.app_context():
            db.session.remove()
            db.engine.dispose()


def note(complaints: list[str], message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"} and not ANSWERS.match(message.text):
        complaints.append(message.text)


@pytest.fixture
def page(chromium: Browser, new_shop: SetUp) -> Iterator[Page]:
    server = make_server("127.0.0.1", 0, new_shop.app)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    complaints: list[str] = []
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, base_url=f"http://127.0.0.1:{server.port}"
    )
    context.on("console", lambda message: note(complaints, message))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    yield context.new_page()
    context.close()
    server.shutdown()
    thread.join()
    server.server_close()
    assert not complaints, complaints


def test_an_owner_sets_the_shop_up_and_every_page_of_it_is_in_order(
    page: Page, new_shop: SetUp, square_server: SquareServer, mail_catcher: MailCatcher
):
    page.goto("/")
    found = look_at(page, "code")
    by_label(page, "Set-up code").fill("not this one")
    send(page, "#code-form")
    expect(page.locator("#code")).to_be_focused()
    found += look_at(page, "wrong code")
    by_label(page, "Set-up code").fill(new_shop.code)
    send(page, "#code-form")
    answers = right_answers("sqlite://", square_server, mail_catcher)
    for step, given in answers.items():
        assert page.url.partition("#")[0].endswith(f"/set-up/{step}"), page.inner_text("main")
        found += look_at(page, step)
        if step in {"mail", "shop", "owner"}:
            send_nothing(page)
            found += look_at(page, f"{step} with errors")
        answer(page, given)
    assert page.get_by_role("heading", level=1).inner_text() == "Salt & Cedar is set up"
    found += look_at(page, "done")
    nothing(found)


def send_nothing(page: Page) -> None:
    """Empty whatever is typed and go on: the summary of what is wrong has the focus."""
    for box in page.locator("#set-up-form input[type=text], #set-up-form input[type=email]").all():
        box.fill("")
    go_on(page)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error:"))


def answer(page: Page, given: dict[str, Any]) -> None:
    """Fill in the fields of the step and go on, all the same where a test of the shop's says that it does not work yet."""
    for more in page.locator("#set-up-form details:not([open]) > summary").all():
        more.click()
    for name, value in given.items():
        if name == "anyway":
            continue
        field = page.locator(f"#set-up-form [name={name}]")
        kind = str(field.first.get_attribute("type") or field.first.evaluate("each => each.tagName"))
        if kind in {"radio", "checkbox"}:
            chosen = field.and_(page.locator(f"[value='{value}']")) if kind == "radio" else field
            chosen.set_checked(value is not None)
        elif kind == "SELECT":
            field.select_option(value)
        elif kind != "hidden":
            field.fill(str(value))
    go_on(page)
    if "anyway" in given:
        page.get_by_label("Go on all the same").check()
        go_on(page)


def go_on(page: Page) -> None:
    with page.expect_navigation():
        press(page, page.locator("#set-up-form button[value=go]").inner_text())
