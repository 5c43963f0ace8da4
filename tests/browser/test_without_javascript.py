"""The main job with scripts switched off: plain links and forms do all of it, up to the test card, and staff's review too."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import OWNER, Visits
from tests.browser.people import (
    Newcomer,
    approve,
    ask_the_shop,
    find_user_page,
    give_business_facts,
    press_and_wait,
    register,
)
from tests.browser.running_shop import RunningShop, wait_until
from tests.browser.walks import send

IDA = Newcomer("ida@lowtidepantry.example", "Ida Marsh", "Low Tide Pantry LLC", "01-0009242", "ME-2209418")


def test_the_main_job_works_by_plain_links_and_forms(visits: Visits, shop: RunningShop, tmp_path):
    ida, staff = visits.open(scripts=False), visits.open(OWNER, scripts=False)
    register(ida, shop, IDA)
    give_business_facts(ida, IDA, tmp_path)
    approve(staff, IDA)
    fill_the_cart(ida)
    change_the_cart(ida)
    number = check_out(ida)
    wait_until(lambda: "Paid" in text_at(ida, f"/orders/{number}"), "a paid order", lambda: text_of(ida))
    cancel(ida, number)
    ask_the_shop(ida, "Where do I send a parcel back to?")
    find_user_page(staff, IDA)
    press_and_wait(staff, "Deactivate")
    assert "Deactivate" in staff.get_by_role("heading", level=1).inner_text()
    press_and_wait(staff, "Deactivate")
    ida.goto("/orders/")
    assert "/login" in ida.url


def test_a_question_to_an_applicant_shows_its_mail_first_and_can_be_taken_back(visits: Visits):
    staff = visits.open(OWNER, scripts=False)
    staff.goto("/admin/approvals/")
    with staff.expect_navigation():
        staff.get_by_role("link", name="Copper Kettle Café").click()
    staff.get_by_text("Ask for something more").click()
    staff.get_by_label("question").fill("Please send us a photo of your counter.")
    staff.locator("#ask-form").get_by_label("Website").check()
    press_and_wait(staff, "Ask …")
    assert "a photo of your counter" in text_of(staff)
    with staff.expect_navigation():
        staff.get_by_role("link", name="Go back").click()
    assert "Copper Kettle Café" in staff.get_by_role("heading", level=1).inner_text()


def text_of(page: Page) -> str:
    return page.get_by_role("main").inner_text()


def text_at(page: Page, address: str) -> str:
    page.goto(address)
    return text_of(page)


def fill_the_cart(page: Page) -> None:
    """A whole table in one form: a wrong quantity comes back with the right ones, the others go in."""
    page.goto("/catalog?view=table")
    boxes = page.locator("tr:has(.stock--good) .qty__value")
    pack = int(boxes.nth(0).get_attribute("data-pack") or 1)
    boxes.nth(0).fill(str(pack * 10 + 1))
    boxes.nth(1).fill(str(int(boxes.nth(1).get_attribute("data-pack") or 1) * 10))
    press_and_wait(page, "Add all to cart")
    assert page.get_by_role("heading", level=1).inner_text() == "Not everything was added"
    press_and_wait(page, f"Add {pack * 10}")
    assert "added" in page.locator(".flashes").inner_text()
    assert "2" in page.locator(".cart-badge__count").inner_text()


def change_the_cart(page: Page) -> None:
    page.goto("/cart")
    box = page.locator(".qty__value").first
    wanted = str(int(box.input_value()) + int(box.get_attribute("data-pack") or 1))
    box.fill(wanted)
    press_and_wait(page, "Update")
    assert page.locator(".qty__value").first.input_value() == wanted
    press_and_wait(page, "Remove")
    assert page.locator(".cart-line").count() == 1
    press_and_wait(page, "Undo")
    assert page.locator(".cart-line").count() == 2


def check_out(page: Page) -> str:
    page.goto("/cart")
    with page.expect_navigation():
        page.get_by_role("link", name="Check out").click()
    page.get_by_label("Your PO number").fill("PO-12")
    send(page, "#delivery-form")
    press_and_wait(page, "Place order")
    assert "accept the terms" in page.locator(".error-summary").inner_text()
    page.get_by_label("I accept the terms of sale").check()
    page.get_by_label("Visa ending 0002").check()
    press_and_wait(page, "Place order")
    assert "Your order was not placed" in text_of(page)
    page.get_by_label("I accept the terms of sale").check()
    page.get_by_label("Visa ending 1111").check()
    press_and_wait(page, "Place order")
    assert "Thank you, Ida Marsh" in text_of(page)
    return page.url.rsplit("/", 1)[-1]


def cancel(page: Page, number: str) -> None:
    page.goto(f"/orders/{number}")
    press_and_wait(page, "Cancel the order")
    assert f"Order {number} is cancelled." in page.locator(".flashes").inner_text()
