"""Where the focus goes, what happens while one waits, and what a lost connection leaves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visits
from tests.browser.walks import add_goods, by_label, send

HANNAH = "buying@greenmountainmercantile.example"


class Held:
    """Answers from an address, held back until they are let go; `asked` says how often it was asked."""

    def __init__(self, page: Page, address: str):
        self._routes: list[Route] = []
        self.asked = 0
        page.route(address, self._hold)

    def _hold(self, route: Route) -> None:
        self.asked += 1
        self._routes.append(route)

    def let_go(self) -> None:
        for route in self._routes:
            route.continue_()
        self._routes = []


@pytest.mark.parametrize(
    "address, form",
    [
        ("/register", "#register-form"),
        ("/login", "#sign-in-form"),
        ("/password/forgot", "#forgot-form"),
        ("/contact", "#contact-form"),
    ],
)
def test_errors_are_summed_up_and_the_summary_has_the_focus(visits: Visits, address: str, form: str):
    page = visits.open()
    page.goto(address)
    send(page, form)
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error:"))
    link = page.locator(".error-summary a").first
    wrong = page.locator(str(link.get_attribute("href")))
    expect(wrong).to_have_attribute("aria-invalid", "true")
    described = str(wrong.get_attribute("aria-describedby"))
    assert link.inner_text() in page.locator(f"#{described.rsplit(maxsplit=1)[-1]}").inner_text()
    link.click()
    expect(wrong).to_be_focused()


def test_a_field_is_looked_at_when_it_is_left_and_forgiven_as_soon_as_it_is_right(visits: Visits):
    page = visits.open()
    page.goto("/register")
    box = by_label(page, "E-mail address")
    error = page.locator("#email-error")
    box.press_sequentially("mara@rosehip")
    expect(error).to_have_count(0)
    page.keyboard.press("Tab")
    expect(error).to_contain_text("Enter an e-mail address like name@example.com.")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert "email-error" in str(box.get_attribute("aria-describedby"))
    box.press("End")
    box.press_sequentially(".ex")
    expect(error).to_have_count(0)
    assert box.get_attribute("aria-invalid") is None
    assert "email-error" not in str(box.get_attribute("aria-describedby"))
    by_label(page, "Your name").focus()
    expect(error).to_have_count(0)


def test_the_pressed_button_waits_and_a_second_press_does_nothing(visits: Visits):
    page = visits.open(HANNAH)
    page.goto("/products/harbor-mug")
    held = Held(page, "**/cart/items")
    button = page.locator("#price-box button[type=submit]")
    width = button.bounding_box()
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    expect(button).to_be_disabled()
    assert width is not None
    assert button.bounding_box() == width
    button.click(force=True)
    page.keyboard.press("Enter")
    held.let_go()
    expect(button).to_be_enabled()
    assert held.asked == 1
    expect(button).to_be_focused()
    assert button.get_attribute("aria-busy") is None


def test_placing_an_order_with_two_presses_places_one(visits: Visits):
    page = visits.open(HANNAH)
    page.goto("/orders/")
    before = page.locator("#orders-list tbody th").all_inner_texts()
    add_goods(page)
    page.goto("/checkout/")
    send(page, "#delivery-form")
    page.get_by_label("I accept the terms of sale").check()
    held = Held(page, "**/checkout/place")
    button = page.locator("#place-order")
    button.click()
    expect(button).to_be_disabled()
    button.click(force=True)
    held.let_go()
    page.wait_for_url("**/checkout/done/*")
    assert held.asked == 1
    page.goto("/orders/")
    assert len(page.locator("#orders-list tbody th").all_inner_texts()) == len(before) + 1


def test_a_plain_form_is_sent_once_too(visits: Visits):
    page = visits.open()
    page.goto("/password/forgot")
    by_label(page, "E-mail address").fill(
        "double@nowhere.example"
    )  # its own: another test uses up the limit of "nobody"
    held = Held(page, "**/password/forgot")
    place = page.locator("#forgot-form button").bounding_box()
    assert place is not None
    page.mouse.dblclick(place["x"] + 20, place["y"] + 20)
    page.wait_for_timeout(300)
    held.let_go()
    page.get_by_role("heading", name="Look in your mailbox").wait_for()
    assert held.asked == 1


def test_without_a_connection_the_page_says_so_keeps_what_was_typed_and_tries_again(visits: Visits):
    visits.forgive("ERR_INTERNET_DISCONNECTED")
    visits.forgive("htmx:sendError")
    visits.forgive("htmx:afterRequest")
    page = visits.open(HANNAH)
    page.goto("/products/harbor-mug")
    box = page.locator("#price-box .qty__value")
    typed = str(int(box.get_attribute("data-pack") or 1) * 3)
    box.fill(typed)
    page.context.set_offline(True)
    page.locator("#price-box button[type=submit]").click()
    trouble = page.locator("#notice-region")
    expect(trouble).to_contain_text("The shop could not be reached.")
    expect(page.locator("#price-box button[type=submit]")).to_be_enabled()
    expect(box).to_have_value(typed)
    page.context.set_offline(False)
    trouble.get_by_role("button", name="Try again").click()
    expect(page.locator("#live-region")).to_contain_text("added")
    expect(trouble).to_be_empty()


def test_an_answer_that_went_wrong_offers_another_try(visits: Visits):
    visits.forgive("500")
    page = visits.open(HANNAH)
    page.goto("/products/harbor-mug")
    page.route("**/cart/items", lambda route: route.fulfill(status=500, body="broken"))
    page.locator("#price-box button[type=submit]").click()
    trouble = page.locator("#notice-region")
    expect(trouble).to_contain_text("Something went wrong on our side.")
    page.unroute("**/cart/items")
    trouble.get_by_role("button", name="Try again").click()
    expect(page.locator("#live-region")).to_contain_text("added")
    expect(trouble).to_be_empty()


def test_who_was_signed_out_meanwhile_comes_back_to_the_same_place(visits: Visits):
    page = visits.open(HANNAH)
    page.goto("/products/harbor-mug")
    page.wait_for_load_state("networkidle")  # an answer still on its way would bring the cookie back
    page.context.clear_cookies()
    page.goto("/cart")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your list")
    page.goto("/orders/")
    assert "/login?next=" in page.url
    by_label(page, "E-mail address").fill(HANNAH)
    by_label(page, "Password").fill("harbor-pine-demo")
    send(page, "#sign-in-form")
    assert page.url.endswith("/orders/")
