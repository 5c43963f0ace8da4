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


def add_first_goods(page: Page, cases: int) -> None:
    """Put some cases of the first thing in stock into the cart, through its own page."""
    page.goto("/catalog?view=table")
    row = page.locator("tr:has(.stock--good)").first
    page.goto(str(row.locator(".cell-name a").get_attribute("href")))
    box = page.locator("#price-box .qty__value")
    box.fill(str(cases * int(box.get_attribute("data-pack") or 1)))
    page.locator("#price-box button[type=submit]").click()
    page.locator("#price-box ~ * .note, #price-box .note").first.wait_for()


def order_numbers(page: Page) -> list[str]:
    return page.locator("#orders-list tbody th").all_inner_texts()
