"""Short ways through the shop that several browser tests take."""

from __future__ import annotations

from playwright.sync_api import Locator, Page


def by_label(page: Page, words: str) -> Locator:
    """A field of the page's main part by the beginning of its label."""
    return page.get_by_role("main").get_by_label(words).first


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).first.click()


def send(page: Page, form: str) -> None:
    """Press a form's first button and wait for the page that answers."""
    with page.expect_navigation():
        page.locator(f"{form} button[type=submit]").first.click()


def add_goods(page: Page, cases: int = 12) -> None:
    """Put cases of something that is there in such numbers into the cart, through its own page."""
    page.goto("/catalog?view=table")
    links = page.locator("tr:has(.stock--good) .cell-name a")
    for address in [str(link.get_attribute("href")) for link in links.all()]:
        page.goto(address)
        box = page.locator("#price-box .qty__value")
        box.fill(str(cases * int(box.get_attribute("data-pack") or 1)))
        page.locator("#price-box button[type=submit]").click()
        note = page.locator("#price-box .note")
        note.wait_for()
        if not note.locator(".field__error").count():
            return
    raise AssertionError(f"nothing there of which {cases} cases can be had")


def order_numbers(page: Page) -> list[str]:
    return page.locator("#orders-list tbody th").all_inner_texts()
