"""Every page in a real browser: axe finds nothing at any width in either theme, nothing scrolls sideways, nothing is blocked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OWNER, Visits, here
from tests.browser.walks import add_goods, by_label, order_numbers, press, send

AXE = here("axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Every rule in both themes and at both widths; colours do not change with the width, so two of the four pairs will do.
LOOKS: list[tuple[int, Literal["light", "dark"], list[str]]] = [
    (1280, "light", []),
    (375, "dark", []),
    (320, "light", ["target-size", "scrollable-region-focusable"]),
]

NORA = "nora@birchandanchor.example"
INES = "ines@copperkettlecafe.example"
BEA = "hello@lanternandloom.example"
GEORGE = "george@northfieldprovisions.example"
VINCE = "deals@bargainbarn.example"
CAROL = "carol@driftwoodgifts.example"
JUNE = "june@tidewrackpaper.example"


@dataclass(frozen=True)
class Seen:
    page: str
    look: str
    rule: str
    where: str

    def __str__(self) -> str:
        return f"{self.page} ({self.look}): {self.rule}\n    {self.where}"


def look_at(page: Page, name: str = "") -> list[Seen]:
    """What axe has to say of the page as it stands, and what reaches beyond the window's edge."""
    found: list[Seen] = []
    name = name or page.url.split("/", 3)[-1] or "home"
    page.evaluate(AXE)
    for width, theme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        look = f"{width} px, {theme}"
        found += [Seen(name, look, each["rule"], each["where"]) for each in violations(page, rules)]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append(Seen(name, look, "scrolls sideways", page.evaluate(_WIDEST, width)))
    page.set_viewport_size({"width": 1280, "height": 900})
    return found


_WIDEST = """(width) => [...document.querySelectorAll('body *')].filter((each) => each.getBoundingClientRect().right > width + 1)
  .slice(0, 3).map((each) => each.outerHTML.slice(0, 120)).join(' ')"""


def violations(page: Page, rules: list[str]) -> list[dict[str, Any]]:
    chosen = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
    options = {"runOnly": chosen, "resultTypes": ["violations"]}
    script = """async (options) => (await axe.run(document, options)).violations.map((each) => ({
      rule: each.id + ': ' + each.help,
      where: each.nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + ' ' + (node.any[0]?.message ?? '')).join('\\n    ')}))"""
    found: list[dict[str, Any]] = page.evaluate(script, options)
    return found


def walk(page: Page, addresses: list[str]) -> list[Seen]:
    found: list[Seen] = []
    for address in addresses:
        page.goto(address)
        found += look_at(page, address)
    return found


def nothing(found: list[Seen]) -> None:
    assert not found, "\n".join(str(each) for each in found)


def test_what_anybody_sees(visits: Visits):
    page = visits.open()
    found = walk(page, [
        "/", "/catalog", "/catalog/soap?view=table", "/search?q=candle", "/search?q=nothing+like+this", "/search",
        "/products/harbor-mug", "/cart", "/register", "/login", "/password/forgot", "/contact", "/pages/terms", "/no/such/page",
    ])  # fmt: skip
    nothing(found)


def test_forms_of_anybody_that_came_back_with_errors(visits: Visits):
    page = visits.open()
    found: list[Seen] = []
    for address, form in [
        ("/register", "#register-form"),
        ("/login", "#sign-in-form"),
        ("/password/forgot", "#forgot-form"),
        ("/contact", "#contact-form"),
    ]:
        page.goto(address)
        send(page, form)
        expect(page).to_have_title(re.compile("^Error:"))
        found += look_at(page, f"{address} with errors")
    nothing(found)


def test_asking_too_often(visits: Visits):
    page = visits.open()
    for _ in range(40):
        page.goto("/password/forgot")
        by_label(page, "E-mail address").fill("nobody@nowhere.example")
        send(page, "#forgot-form")
        if "That was a lot at once" in page.inner_text("main"):
            break
    assert page.get_by_role("heading", level=1).inner_text() == "That was a lot at once"
    nothing(look_at(page, "429"))


def test_goods_and_cart_of_a_buyer(visits: Visits):
    page = visits.open(NORA)
    found = walk(page, [
        "/", "/catalog/cookware-and-tools?view=cards", "/catalog?view=table", "/search?q=soap", "/search?q=nothing+like+this",
        "/products/harbor-mug", "/cart", "/admin/",
    ])  # fmt: skip
    page.goto("/cart")
    page.locator(".qty__value").first.fill("7")
    page.keyboard.press("Tab")
    page.locator(".cart-line--wrong").wait_for()
    found += look_at(page, "cart with an error")
    page.goto("/catalog?view=table")
    page.locator(".qty__value").first.fill("7")
    press(page, "Add all to cart")
    page.locator(".note .field__error").first.wait_for()
    found += look_at(page, "list with an error in a row")
    nothing(found)


def test_checkout(visits: Visits):
    page = visits.open("housekeeping@seawallinn.example")
    found = walk(page, ["/cart"])
    add_goods(page)
    found += walk(page, ["/checkout/"])
    page.get_by_role("radio", name="Another address").check()
    send(page, "#delivery-form")
    found += look_at(page, "delivery with errors")
    page.goto("/checkout/")
    send(page, "#delivery-form")
    found += look_at(page, "review")
    page.get_by_label("Visa ending 0002").check()
    page.get_by_label("I accept the terms of sale").check()
    page.locator("#place-order").click()
    page.locator(".error-summary").wait_for()
    found += look_at(page, "review after a declined card")
    page.get_by_label("Visa ending 1111").check()
    page.locator("#place-order").click()
    page.wait_for_url("**/checkout/done/*")
    found += look_at(page, "confirmation")
    nothing(found)


def test_account_and_orders_of_a_buyer(visits: Visits):
    page = visits.open(NORA)
    found = walk(page, [
        "/account", "/account/security", "/account/business", "/account/business/certificates", "/account/addresses",
        "/account/addresses/1", "/orders/", "/orders/?find=nothing+like+this",
    ])  # fmt: skip
    page.goto("/orders/")
    for number in order_numbers(page)[:4]:
        found += walk(page, [f"/orders/{number}"])
    found += walk(page, [f"/orders/{number}/print"])
    for address, opener, form in [
        ("/account/addresses", "Add an address", "#address-form"),
        ("/account/business/certificates", "Add a certificate", "#certificate-form"),
        ("/account/security", "", "#password-form"),
    ]:
        page.goto(address)
        if opener:
            page.get_by_text(opener, exact=True).click()
        send(page, form)
        found += look_at(page, f"{address} with errors")
    nothing(found)


@pytest.mark.parametrize("who", [INES, BEA, GEORGE, VINCE, CAROL, JUNE])
def test_what_each_stage_of_an_application_sees(visits: Visits, who: str):
    page = visits.open(who)
    nothing(walk(page, ["/account/business", "/account", "/"]))


def test_the_steps_of_an_application_with_errors(visits: Visits):
    page = visits.open(BEA)
    found: list[Seen] = []
    for step in ("facts", "address", "certificate", "check"):
        page.goto(f"/account/business/application?step={step}")
        found += look_at(page, step)
        if step == "facts":
            by_label(page, "Legal name").fill("")
            by_label(page, "EIN").fill("12")
        press(page, "Send the application" if step == "check" else "Save and go on")
        page.locator(".error-summary").wait_for()
        found += look_at(page, f"{step} with errors")
    nothing(found)


DESK = [
    "/admin/", "/admin/orders/", "/admin/orders/details/?id=30", "/admin/approvals/", "/admin/products/", "/admin/products/new/",
    "/admin/products/edit/?id=1", "/admin/businesses/", "/admin/businesses/details/?id=1", "/admin/messages/", "/admin/messages/1",
    "/admin/messages/2", "/admin/users/", "/admin/users/details/?id=2", "/admin/payments/", "/admin/payments/details/?id=1",
    "/admin/stock/", "/admin/stock/details/?id=1", "/admin/outbox/", "/admin/history/", "/admin/shop_facts/edit/?id=1",
    "/admin/search/?q=mug", "/admin/tax_rates/", "/admin/price_breaks/",
]  # fmt: skip


def test_the_back_office(visits: Visits):
    page = visits.open(OWNER)
    found = walk(page, DESK)
    page.goto("/admin/approvals/")
    page.get_by_role("link", name="Copper Kettle Café").click()
    found += look_at(page, "approval")
    page.get_by_text("Reject", exact=True).click()
    page.locator("#reject-form button").click()
    page.wait_for_load_state()
    found += look_at(page, "after Reject")
    page.goto("/admin/products/new/")
    press(page, "Add product")
    found += look_at(page, "product with errors")
    nothing(found)


def test_axe_itself_finds_what_is_wrong(visits: Visits):
    """A check of the check: a button without a name and grey on grey are found."""
    page = visits.open()
    page.goto("/login")
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<button></button><input>')"
    )
    page.evaluate("document.querySelector('main h1').style.color = '#ddd'")
    rules = json.dumps([each.rule for each in look_at(page)])
    assert "button-name" in rules
    assert "color-contrast" in rules
    assert "label" in rules
