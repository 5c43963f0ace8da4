"""A second factor in a real browser: scanned, confirmed, asked for, and turned off again."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from sandbox.demo.people import DEMO_PASSWORD
from tests.browser.conftest import Visits, sign_in
from tests.browser.people import press_and_wait
from tests.browser.test_axe import look_at, nothing
from tests.browser.walks import by_label, send
from tests.second_factors import Phone

PRIYA = "catalogue@harborandpine.example"  # nobody else's walk signs in as her


def show_the_picture(page: Page) -> Phone:
    page.goto("/account/second-factor")
    by_label(page, "Your password").fill(DEMO_PASSWORD)
    send(page, "#begin-form")
    return Phone(str(page.locator("#scan code").text_content()).replace(" ", ""))


def give_password(page: Page) -> None:
    page.goto("/login")
    by_label(page, "E-mail address").fill(PRIYA)
    by_label(page, "Password").fill(DEMO_PASSWORD)
    send(page, "#sign-in-form")
    assert "/login/code" in page.url


def test_it_is_turned_on_asked_for_and_turned_off_and_every_page_is_in_order(visits: Visits):
    page = visits.open()
    sign_in(page, PRIYA)
    page.goto("/account/second-factor")
    found = look_at(page, "off")
    send(page, "#begin-form")
    expect(page.locator(".error-summary")).to_be_focused()
    found += look_at(page, "off with errors")
    phone = show_the_picture(page)
    expect(page.locator("#scan img")).to_have_js_property("complete", True)
    assert page.locator("#scan img").evaluate("each => each.naturalWidth") > 100
    page.get_by_text("I cannot scan it").click()
    found += look_at(page, "picture")
    by_label(page, "Code from the app").fill("12 34")
    send(page, "#confirm-form")
    expect(page.locator(".error-summary")).to_be_focused()
    found += look_at(page, "picture with errors")
    by_label(page, "Code from the app").fill(phone.code(-1))
    send(page, "#confirm-form")
    assert page.locator("#codes li").count() == 10
    spare = page.locator("#codes li").first.inner_text()
    found += look_at(page, "recovery codes")
    page.goto("/account/second-factor")
    found += look_at(page, "on")
    come_back_without_scripts(visits, spare)
    give_password(page := visits.open())
    expect(by_label(page, "Code")).to_be_focused()
    found += look_at(page, "code")
    by_label(page, "Code").fill("000 00")
    send(page, "#code-form")
    expect(page.locator(".error-summary")).to_be_focused()
    found += look_at(page, "code with errors")
    by_label(page, "Code").fill(phone.code(1))
    send(page, "#code-form")
    assert "/admin/" in page.url
    page.goto("/account/second-factor")
    by_label(page, "Your password").fill(DEMO_PASSWORD)
    press_and_wait(page, "Turn it off")
    assert "is off" in page.locator(".flashes").inner_text()
    nothing(found)


def come_back_without_scripts(visits: Visits, spare: str) -> None:
    """A recovery code opens the account on a phone-sized window with scripts off."""
    page = visits.open(scripts=False, width=375)
    give_password(page)
    by_label(page, "Code").fill(spare)
    send(page, "#code-form")
    assert "9 are left" in page.locator(".flashes").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
