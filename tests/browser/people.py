"""Somebody new at the shop, and what they do in a browser on their way to an order; with scripts and without."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from app.shared import clock
from tests.browser.conftest import sign_in
from tests.browser.running_shop import RunningShop, link_in
from tests.browser.walks import by_label, press, send
from tests.papers import pdf

PASSWORD = "seven grey herons at low tide"


@dataclass(frozen=True)
class Newcomer:
    email: str
    name: str
    legal_name: str
    ein: str
    certificate: str


def register(page: Page, shop: RunningShop, who: Newcomer) -> None:
    """Open an account, follow the link of the mail, sign in; ends at the business's page."""
    page.goto("/register")
    by_label(page, "Your name").fill(who.name)
    by_label(page, "E-mail address").fill(who.email)
    by_label(page, "Password").fill(PASSWORD)
    send(page, "#register-form")
    assert who.email in page.get_by_role("main").inner_text()
    page.goto(link_in(shop.wait_for_mail(who.email, "Confirm your e-mail address"), "/verify/"))
    send(page, "#verify-form")
    assert "is confirmed" in page.locator(".flashes").inner_text()
    sign_in(page, who.email, PASSWORD)


def give_business_facts(page: Page, who: Newcomer, folder: Path) -> None:
    """All steps of the application with a certificate; one EIN too short on the way. Ends with the application sent."""
    page.goto("/account/business/application")
    by_label(page, "Legal name").fill(who.legal_name)
    by_label(page, "Kind of business").select_option("Retail store")
    by_label(page, "EIN").fill(who.ein[:-1])
    by_label(page, "Phone").fill("(207) 555 0177")
    go_on(page)
    expect(page).to_have_title(re.compile("^Error:"))
    assert "9 digits of your EIN" in page.locator("#ein-error").inner_text()
    assert by_label(page, "Legal name").input_value() == who.legal_name
    by_label(page, "EIN").fill(who.ein)
    go_on(page)
    fill(
        page,
        {"Street and number": "9 Wharf Street", "City": "Portland", "State": "ME", "ZIP code": "04101"},
    )
    go_on(page)
    paper = folder / "resale.pdf"
    paper.write_bytes(pdf())
    fill(page, {"Certificate number": who.certificate, "State that issued it": "ME"})
    by_label(page, "Issued on").fill((clock.now() - timedelta(days=40)).date().isoformat())
    page.get_by_label("Certificate", exact=True).set_input_files(paper)
    go_on(page)
    text = page.get_by_role("main").inner_text()
    assert "Nothing is missing" in text
    assert "resale.pdf" in text
    assert who.ein not in text
    press_and_wait(page, "Send the application")
    assert "We are looking at your application" in page.get_by_role("main").inner_text()


def approve(staff: Page, who: Newcomer) -> None:
    """Found in the queue, read, approved with the first group and the certificate ticked, after seeing the mail."""
    staff.goto("/admin/approvals/")
    with staff.expect_navigation():
        staff.get_by_role("link", name=who.legal_name).click()
    text = staff.get_by_role("main").inner_text()
    assert "9 Wharf Street" in text
    assert who.certificate in text
    staff.get_by_label("Independent shops").check()
    staff.get_by_label(f"ME {who.certificate}").check()
    press_and_wait(staff, "Approve …")
    assert who.email in staff.get_by_role("main").inner_text()
    press_and_wait(staff, "Approve and send the e-mail")
    assert "is approved" in staff.locator(".flashes").inner_text()


def ask_the_shop(page: Page, question: str) -> None:
    """Send the contact form as somebody signed in, at a person's pace."""
    page.goto("/contact")
    by_label(page, "What is it about?").select_option(index=1)
    by_label(page, "Your message").fill(question)
    page.wait_for_timeout(3100)  # whoever is quicker than three seconds is a machine
    send(page, "#contact-form")
    assert "/contact/thanks" in page.url


def answer(staff: Page, question: str, words: str) -> None:
    """Staff finds the message and answers it by mail."""
    staff.goto("/admin/messages/")
    with staff.expect_navigation():
        staff.locator("tr", has_text=question).get_by_role("link").first.click()
    staff.locator("#answer-form textarea").fill(words)
    send(staff, "#answer-form")
    assert words in staff.locator("#answers").inner_text()


def find_user_page(staff: Page, who: Newcomer) -> None:
    staff.goto(f"/admin/users/?search={who.email}")
    with staff.expect_navigation():
        staff.locator(".cell-first a").first.click()


def go_on(page: Page) -> None:
    press_and_wait(page, "Save and go on")


def press_and_wait(page: Page, name: str) -> None:
    """Press a button of the main part whose answer is another page."""
    with page.expect_navigation():
        press(page, name)


def fill(page: Page, values: dict[str, Any]) -> None:
    for label, value in values.items():
        field = by_label(page, label)
        if field.evaluate("each => each.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
