"""Pages about money in a real browser: payment links and invoices, refunds, lines that cannot ship, receivables."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OWNER, Visits
from tests.browser.running_shop import RunningShop, wait_until
from tests.browser.test_axe import NORA, Seen, look_at, nothing, walk
from tests.browser.walks import by_label, send

HANNAH = "buying@greenmountainmercantile.example"
TOMAS = "tomas@greenmountainmercantile.example"


def pay_link(page: Page, number: int) -> str:
    """Where the first or a later open invoice of the person's business is paid."""
    page.goto("/orders/invoices")
    link = page.get_by_role("link", name="Pay by card").nth(number)
    return str(link.get_attribute("href"))


def failed_order_link(page: Page) -> str:
    """Where the person's order whose hold ran out is paid."""
    page.goto("/orders/?find=GM-4197")
    page.locator("#orders-list tbody th a").first.click()
    link = page.get_by_role("main").locator("a[href^='/pay/']").first
    return str(link.get_attribute("href"))


def details_of(page: Page, wanted: str, offer: str) -> str:
    """The desk's page of the first order that is found by this word and offers this."""
    page.goto(f"/admin/orders/?search={wanted}")
    places = [str(each.get_attribute("href")) for each in page.locator(".cell-first a").all()]
    for place in places:
        page.goto(place)
        if page.get_by_role("link", name=offer).count():
            return place
    raise AssertionError(f"no order of {wanted} offers {offer!r}")


def test_invoices_and_the_page_behind_a_payment_link(visits: Visits):
    buyer = visits.open(HANNAH)
    found = walk(buyer, ["/orders/invoices"])
    stranger = visits.open()
    found += walk(stranger, [pay_link(buyer, 0), "/pay/made-up"])
    stranger.goto(failed_order_link(buyer))
    found += look_at(stranger, "a failed order's link")
    stranger.get_by_label("Visa ending 0002").check()
    stranger.locator("#pay-button").click()
    expect(stranger.locator(".error-summary")).to_be_focused()
    expect(stranger).to_have_title(re.compile("^Error:"))
    found += look_at(stranger, "the link after a refused card")
    nothing(found)


def test_a_link_is_paid_without_scripts_and_without_signing_in(visits: Visits):
    link = pay_link(visits.open(HANNAH), 0)
    page = visits.open(scripts=False, width=375)
    page.goto(link)
    page.get_by_label("Visa ending 0002").check()
    send(page, "#pay-form")
    assert "declined this card" in page.locator(".error-summary").inner_text()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_label("Visa ending 1111").check()
    send(page, "#pay-form")

    def is_paid() -> bool:
        page.goto(link)
        return page.get_by_role("heading", level=1).inner_text() == "This order is paid. Thank you."

    wait_until(is_paid, "a paid order", lambda: page.inner_text("main"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_desks_pages_about_less_and_about_what_is_owed(visits: Visits):
    page = visits.open(OWNER)
    found = walk(page, ["/admin/receivables/", "/admin/receivables/?find=nothing+like+this"])
    page.goto(details_of(page, NORA, "Refund money"))
    page.get_by_role("link", name="Refund money").click()
    found += look_at(page, "refund")
    found += refused(page, "Show the sum")
    by_label(page, "Refund").fill("1")
    by_label(page, "Why").fill("One lid was chipped")
    send(page, "form.form--wide")
    found += look_at(page, "the refund's question")
    page.goto(details_of(page, TOMAS, "Something cannot ship"))
    page.get_by_role("link", name="Something cannot ship").click()
    found += look_at(page, "shorten")
    by_label(page, "Units that ship").fill("lots")
    found += refused(page, "Show the new total")
    page.goto("/admin/receivables/")
    page.get_by_role("link", name="Record").first.click()
    found += look_at(page, "receipt")
    by_label(page, "Amount").fill("")
    found += refused(page, "Record the payment")
    nothing(found)


def test_a_refund_that_did_not_arrive_is_closed_with_a_reason(visits: Visits, shop: RunningShop):
    page = visits.open(OWNER)
    order = details_of(page, NORA, "Refund money")
    page.get_by_role("link", name="Refund money").click()
    page.get_by_role("radio", name="An amount").check()
    by_label(page, "How much").fill("7.35")
    by_label(page, "Why").fill("One lid was chipped")
    send(page, "form.form--wide")
    shop.square.office.books.options.refund_outcome = "REJECTED"
    try:
        page.get_by_role("main").get_by_role("button", name="Refund $7.35").click()

        def offers_to_close() -> bool:
            page.goto(order)
            return page.get_by_role("link", name="Nothing more to do").count() > 0

        wait_until(offers_to_close, "a refund that failed", lambda: page.inner_text("main"))
    finally:
        shop.square.office.books.options.refund_outcome = "COMPLETED"
    found = look_at(page, "a refund that did not arrive")
    page.get_by_role("link", name="Nothing more to do").click()
    found += look_at(page, "closing a refund")
    found += refused(page, "Nothing more to do")
    by_label(page, "Why nothing more is to do").fill("The buyer took other goods instead")
    send(page, "form.desk-form")
    assert "Nothing more to do: The buyer took other goods instead" in page.inner_text("main")
    found += look_at(page, "a refund that was closed")
    nothing(found)


def refused(page: Page, button: str) -> list[Seen]:
    """Press it: the form comes back with a summary of what is wrong that has the focus, and each line leads to its field."""
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name=button).click()
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page).to_have_title(re.compile("^Error:"))
    for link in page.locator(".error-summary a").all():
        expect(page.locator(str(link.get_attribute("href")))).to_have_count(1)
    return look_at(page, f"after {button!r}")


@pytest.mark.parametrize("scripts", [True, False])
def test_wrong_passwords_on_the_devices_page_are_summed_up(visits: Visits, scripts: bool):
    page = visits.open(HANNAH, scripts=scripts, width=375)
    page.goto("/account/security")
    send(page, "#password-form")
    expect(page.locator(".error-summary")).to_be_focused()
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.get_by_text("(this device)").count() == 1
