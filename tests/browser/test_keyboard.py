"""With the keyboard alone: into the cart and through checkout, always with a visible focus."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visits

SAM = "sam@birchandanchor.example"
_MOST_TABS = 120


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted element has the focus; on the way every focus shows and nothing covers it."""
    handle = wanted.element_handle()
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("(each) => each === document.activeElement", handle):
            shows_focus(page)
            return
    raise AssertionError(f"{_MOST_TABS} tabs do not reach {wanted}")


def shows_focus(page: Page) -> None:
    seen = page.evaluate(
        """() => { const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
        const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return { line: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                 isOnTop: !!there && (each.contains(there) || there.contains(each) || !!there.closest('label')),
                 what: each.outerHTML.slice(0, 120) } }"""
    )
    assert seen["line"], f"no visible focus on {seen['what']}"
    assert seen["isOnTop"], f"something covers {seen['what']}"


def test_the_first_tab_leads_past_the_header(visits: Visits):
    page = visits.open(SAM)
    page.goto("/catalog")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main')")


def test_from_a_list_to_a_placed_order(visits: Visits):
    page = visits.open(SAM)
    page.goto("/catalog?view=table")
    row = page.locator("tr:has(.stock--good)").first
    box = row.locator(".qty__value")
    tab_to(page, box)
    # Case by case, until it is worth more than the smallest order.
    while int(box.input_value() or 0) < 36:
        page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#live-region")).to_contain_text("added")
    assert page.evaluate("document.activeElement !== document.body")
    tab_to_from_the_top(page, page.locator("#cart-badge"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/cart")
    tab_to(page, page.locator("#check-out"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/")
    tab_to(page, page.get_by_label("Your PO number"))
    page.keyboard.type("KB-1")
    tab_to(page, page.locator("#delivery-form button[type=submit]"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/review")
    tab_to(page, page.get_by_label("Visa ending 1111"))
    tab_to(page, page.get_by_label("I accept the terms of sale"))
    page.keyboard.press("Space")
    tab_to(page, page.locator("#place-order"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/done/*")
    expect(page.locator("#outcome")).to_contain_text("Thank you, Sam Whitcomb")


def tab_to_from_the_top(page: Page, wanted: Locator) -> None:
    page.keyboard.press("Control+Home")
    page.evaluate("document.activeElement.blur()")
    page.evaluate("document.querySelector('.skip-link').focus()")
    tab_to(page, wanted)
