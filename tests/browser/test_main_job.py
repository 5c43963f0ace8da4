"""The whole main job with scripts on: a stranger becomes a buyer, orders, is answered, and is let go."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OWNER, Visits
from tests.browser.people import (
    Newcomer,
    answer,
    approve,
    ask_the_shop,
    find_user_page,
    give_business_facts,
    register,
)
from tests.browser.running_shop import RunningShop
from tests.browser.walks import add_goods, press, send

MARA = Newcomer("mara@rosehipandrye.example", "Mara Quill", "Rosehip & Rye LLC", "01-0009241", "ME-2209417")


def test_from_a_strangers_registration_to_a_paid_order_and_goodbye(
    visits: Visits, shop: RunningShop, tmp_path
):
    mara, staff = visits.open(), visits.open(OWNER)
    sees_no_price(mara)
    register(mara, shop, MARA)
    give_business_facts(mara, MARA, tmp_path)
    sees_no_price(mara)
    approve(staff, MARA)
    shop.wait_for_mail(MARA.email, "is approved")
    fill_the_cart_from_a_table(mara)
    change_the_cart(mara)
    number = check_out(mara)
    read_the_papers(mara, number)
    cancel_another(mara)
    question = f"Can order {number} leave on Monday?"
    ask_the_shop(mara, question)
    answer(staff, question, "Gladly. It leaves on Monday morning.")
    assert "Monday morning" in shop.wait_for_mail(MARA.email, "about your message").text
    find_user_page(staff, MARA)
    press(staff, "Deactivate")
    with staff.expect_navigation():
        staff.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    mara.goto("/orders/")
    assert "/login" in mara.url


def sees_no_price(page: Page) -> None:
    page.goto("/products/harbor-mug")
    expect(page.locator(".price-hidden")).to_be_visible()
    assert "$" not in page.get_by_role("main").inner_text()


def fill_the_cart_from_a_table(page: Page) -> None:
    page.goto("/catalog?view=table")
    row = page.locator("tr:has(.stock--good)").first
    box = row.locator(".qty__value")
    pack, least = int(box.get_attribute("data-pack") or 1), int(box.get_attribute("data-min") or 1)
    row.get_by_label("One case more").click()
    expect(box).to_have_value(str(max(pack, least)))
    wrong = max(pack, least) + 1
    box.fill(str(wrong))
    row.locator("[id^=row-add]").click()
    nearest = row.locator(".note button")
    expect(nearest).to_have_text([f"Add {wrong - 1}", f"Add {wrong - 1 + pack}"])
    nearest.last.click()
    expect(page.locator("#cart-badge .cart-badge__count")).to_contain_text("1")
    expect(page.locator("#live-region")).to_contain_text("added")
    page.reload()
    expect(page.locator("#cart-badge .cart-badge__count")).to_contain_text("1")
    add_goods(page)


def change_the_cart(page: Page) -> None:
    page.goto("/cart")
    box = page.locator(".qty__value").first
    before, sum_before = int(box.input_value()), page.locator("#cart-badge .cart-badge__sum").inner_text()
    page.get_by_label("One case more").first.click()
    expect(page.locator("#cart-badge .cart-badge__sum")).not_to_have_text(sum_before)
    expect(page.locator("#live-region")).to_contain_text("Cart")
    assert int(page.locator(".qty__value").first.input_value()) > before
    lines = page.locator(".cart-line").count()
    page.get_by_role("button", name="Remove").last.click()
    expect(page.locator("#cart-undo-button")).to_be_focused()
    page.locator("#cart-undo-button").click()
    expect(page.locator(".cart-line")).to_have_count(lines)


def check_out(page: Page) -> str:
    """Declined first, then paid; the confirmation turns to paid by itself. Returns the order's number."""
    page.get_by_role("link", name="Check out").click()
    page.wait_for_url("**/checkout/")
    page.get_by_label("Your PO number").fill("PO-4711")
    send(page, "#delivery-form")
    assert "PO-4711" in page.get_by_role("main").inner_text()
    place(page, "Visa ending 0002")
    expect(page.locator(".error-summary")).to_be_focused()
    expect(page.locator(".error-summary")).to_contain_text("Your order was not placed")
    expect(page).to_have_title(re.compile("^Error:"))
    place(page, "Visa ending 1111")
    page.wait_for_url("**/checkout/done/*")
    number = page.url.rsplit("/", 1)[-1]
    expect(page.locator("#outcome")).to_contain_text("Your order is confirmed", timeout=20_000)
    expect(page.locator("#outcome")).to_contain_text("Paid")
    return number


def place(page: Page, card: str) -> None:
    page.get_by_label(card).check()
    page.get_by_label("I accept the terms of sale").check()
    page.locator("#place-order").click()


def read_the_papers(page: Page, number: str) -> None:
    page.get_by_role("link", name="See the order").click()
    page.wait_for_url(f"**/orders/{number}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Order {number}")
    total = page.locator(".is-total .num").inner_text()
    page.get_by_role("link", name="Print").click()
    page.wait_for_url("**/print")
    assert total in page.locator("main").inner_text()
    assert "PO-4711" in page.locator("main").inner_text()
    page.goto("/cart")
    expect(page.locator("#cart-badge .cart-badge__count")).to_contain_text("0")


def cancel_another(page: Page) -> None:
    add_goods(page)
    page.goto("/checkout/")
    send(page, "#delivery-form")
    place(page, "Visa ending 1111")
    page.wait_for_url("**/checkout/done/*")
    page.goto(f"/orders/{page.url.rsplit('/', 1)[-1]}")
    press(page, "Cancel the order")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(re.compile("Cancel order TP-"))
    dialog.get_by_role("button", name="No, keep it as it is").click()
    press(page, "Cancel the order")
    with page.expect_navigation():
        dialog.get_by_role("button", name="Cancel the order").click()
    expect(page.locator(".flashes")).to_contain_text("is cancelled")
