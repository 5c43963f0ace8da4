"""Back, forward and reload: after any of them there is the right whole page, as things stand now."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visits
from tests.browser.walks import add_goods, send

TOMAS = "tomas@greenmountainmercantile.example"


def is_whole(page: Page, heading: str) -> None:
    """The page has its frame, once, and its own heading: no fragment stands alone, none is put in twice."""
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    for part in ("header.site-header", "main", "footer.site-footer", "#cart-badge", "h1"):
        expect(page.locator(part)).to_have_count(1)
    assert page.title()
    assert page.evaluate("document.styleSheets.length") > 0


def test_browsing_back_and_forward(visits: Visits):
    page = visits.open(TOMAS)
    page.goto("/catalog?view=cards")
    page.locator("#view-table").click()
    expect(page.locator("#table-form")).to_have_count(1)
    page.get_by_label("Sort").select_option("name")
    page.wait_for_url("**sort=name**")
    page.get_by_role("link", name="Next").click()
    page.wait_for_url("**page=2**")
    first_of_second = page.locator(".cell-name").first.inner_text()
    page.go_back()
    expect(page.locator(".cell-name").first).not_to_have_text(first_of_second)
    is_whole(page, "All products")
    page.go_forward()
    expect(page.locator(".cell-name").first).to_have_text(first_of_second)
    is_whole(page, "All products")
    page.reload()
    expect(page.locator(".cell-name").first).to_have_text(first_of_second)
    is_whole(page, "All products")
    page.locator(".cell-name a").first.click()
    page.wait_for_url("**/products/**")
    page.go_back()
    expect(page.locator(".cell-name").first).to_have_text(first_of_second)
    is_whole(page, "All products")
    expect(page.locator("#table-form")).to_have_count(1)


def test_going_back_to_the_cart_shows_what_is_in_it_now(visits: Visits):
    page = visits.open(TOMAS)
    add_goods(page)
    page.goto("/cart")
    box = page.locator(".qty__value").first
    before = int(box.input_value())
    page.get_by_label("One case more").first.click()
    expect(page.locator("#live-region")).to_contain_text("Cart")
    after = int(box.input_value())
    assert after > before
    page.goto("/catalog")
    page.go_back()
    is_whole(page, "Your cart")
    expect(page.locator(".qty__value").first).to_have_value(str(after))
    elsewhere = page.context.new_page()
    elsewhere.goto("/cart")
    elsewhere.get_by_role("button", name="Remove").first.click()
    expect(elsewhere.locator("#cart-undo")).to_be_visible()
    left = elsewhere.locator(".cart-line").count()
    page.goto("/orders/")
    page.go_back()
    expect(page.locator(".cart-line")).to_have_count(left)
    page.go_forward()
    is_whole(page, "Orders")


def test_every_step_of_checkout_survives_back_and_reload(visits: Visits):
    page = visits.open(TOMAS)
    add_goods(page)
    page.goto("/cart")
    page.get_by_role("link", name="Check out").click()
    page.wait_for_url("**/checkout/")
    page.get_by_label("Your PO number").fill("GM-77")
    send(page, "#delivery-form")
    is_whole(page, "Review and pay")
    page.reload()
    is_whole(page, "Review and pay")
    assert "GM-77" in page.get_by_role("main").inner_text()
    page.go_back()
    is_whole(page, "Delivery")
    expect(page.get_by_label("Your PO number")).to_have_value("GM-77")
    page.go_forward()
    is_whole(page, "Review and pay")
    page.get_by_label("I accept the terms of sale").check()
    page.locator("#place-order").click()
    page.wait_for_url("**/checkout/done/*")
    address = page.url
    page.reload()
    assert page.url == address
    page.go_back()
    page.wait_for_load_state()
    assert "/checkout/done/" not in page.url
    assert (
        page.locator("#place-order").count() == 0
    )  # what is ordered cannot be ordered once more from history
    page.goto("/orders/")
    expect(page.locator("#orders-list tbody th").first).to_have_text(address.rsplit("/", 1)[-1])


@pytest.mark.parametrize(
    "address", ["/", "/catalog", "/cart", "/checkout/", "/account", "/account/security", "/orders/"]
)
def test_no_browser_keeps_a_page_of_somebody_signed_in(visits: Visits, address: str):
    page = visits.open(TOMAS)
    answer = page.goto(address)
    assert answer is not None
    assert "no-store" in answer.headers["cache-control"]


def test_after_signing_out_back_shows_nothing_private(visits: Visits):
    page = visits.open()
    page.goto("/login")
    page.get_by_label("E-mail address").fill("sam@birchandanchor.example")
    page.get_by_label("Password").fill("harbor-pine-demo")
    send(page, "#sign-in-form")
    page.goto("/orders/")
    page.locator(".drop__button").click()
    with page.expect_navigation():
        page.locator(".drop__sheet").get_by_role("button", name="Sign out").click()
    page.go_back()
    page.wait_for_load_state()
    assert "/login" in page.url
    assert page.locator("#orders-list").count() == 0
