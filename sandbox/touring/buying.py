"""From a price to a captured payment, and the papers about it."""

import re
from dataclasses import dataclass

from sandbox.touring.outside import wait_until
from sandbox.touring.person import Page, Person
from sandbox.touring.story import STAFF_MAILBOX, Story
from sandbox.touring.trouble import TourFailed

GOOD_CARD = "Visa ending 1111"
DECLINED_CARD = "Visa ending 0002"
_TERMS = "I accept the terms of sale"
_CASES = 3
_ROUNDS = 4


@dataclass(frozen=True)
class Placed:
    number: str
    total: str


def fill_cart(story: Story) -> None:
    """A wrong quantity, the right one beside it, and more of it until the first-order minimum is met."""
    goods, mara = story.chosen, story.mara
    wrong, below = goods.minimum + 1, goods.minimum
    with story.report.step(f"Mara asks for {wrong}; she is offered {below} and {below + goods.case_pack}"):
        before = _lines(mara.open("/cart"))
        page = mara.open(goods.path).press("Add to cart", {"[quantity]": str(wrong)}, status=422)
        page.shows(f"Add {below}", f"Add {below + goods.case_pack}")
        _expect_lines(mara, before)
        page.press(f"Add {below}").shows("added")
    with story.report.step("the cart says what is missing to the minimum, and checkout leads back to it"):
        mara.open("/cart").shows("more to reach the", "first-order minimum")
        mara.open("/checkout/").is_at("/cart")
    with story.report.step("Mara adds cases until the minimum is met"):
        reach_minimum(story, mara)


def reach_minimum(story: Story, person: Person) -> Page:
    """Add cases of what is on the shelf, one after the other, until checkout is open."""
    for goods in story.shelf * _ROUNDS:
        cart = person.open("/cart")
        if _may_check_out(cart):
            return cart
        quantity = max(goods.minimum, _CASES * goods.case_pack)
        # 422 where others have bought what was left meanwhile: then the next one on the shelf.
        person.open(goods.path).press("Add to cart", {"[quantity]": str(quantity)}, status=(200, 422))
    cart = person.open("/cart")
    if not _may_check_out(cart):
        raise TourFailed("an open checkout once there are goods enough", cart.text[:900])
    return cart


def _may_check_out(cart: Page) -> bool:
    link = cart.soup.select_one("#check-out")
    return link is not None and link["href"] != "#fixes"


def choose_delivery(story: Story, person: Person, po_number: str) -> Page:
    """Delivery as it is proposed, with a PO number; ends at the review."""
    page = person.open("/checkout/").press("Review your order", {"Your PO number": po_number}, within="main")
    return page.is_at("/checkout/review").shows(po_number, "is held on your card")


def pay(page: Page, card: str, *, status: int = 200) -> Page:
    return page.press("Place order", {card: True, _TERMS: True}, status=status)


def buy(story: Story) -> Placed:
    """Decline first, then a good card; the job captures; the papers are there."""
    mara, who = story.mara, story.newcomer
    with story.report.step(
        "checkout: delivery, PO number, and the review, free of tax by the verified certificate"
    ):
        review = choose_delivery(story, mara, f"PO-{who.stamp}")
        review.shows("Total", f"Exempt: Maine resale certificate ME-{who.stamp}")
    with story.report.step("a card is declined; the reason stands there, and the cart is as it was"):
        before = _lines(mara.open("/cart"))
        refused = pay(review, DECLINED_CARD, status=422).shows("Your order was not placed")
        _expect_lines(mara, before)
    with story.report.step("another card is authorized, and the order is placed"):
        placed = read_placed(pay(refused, GOOD_CARD))
        _expect_payment(story, placed, {"APPROVED", "COMPLETED"})
    story.report.chapter(f"Order {placed.number} over {placed.total}")
    _wait_for_capture(story, mara, placed)
    _read_papers(story, placed)
    return placed


def _wait_for_capture(story: Story, person: Person, placed: Placed) -> None:
    with story.report.step("the background job captures the payment, and the order is paid"):

        def find() -> Page | None:
            page = person.open(f"/orders/{placed.number}")
            return page if "Paid" in page.select("main .page-head", "the order's head").get_text() else None

        seen = lambda: person.open(f"/orders/{placed.number}").text[:600]  # noqa: E731
        wait_until(find, f"order {placed.number} paid", story.patience, seen).shows(placed.total)
        _expect_payment(story, placed, {"COMPLETED"})
        person.open(f"/checkout/done/{placed.number}").shows("Your order is confirmed")


def _read_papers(story: Story, placed: Placed) -> None:
    who = story.newcomer
    with story.report.step("Mara has the receipt, staff the notice"):
        story.mailbox.wait_for(who.email, f"We have your order {placed.number}")
        receipt = story.mailbox.wait_for(who.email, f"Receipt for order {placed.number}")
        if placed.total not in receipt.text or f"PO-{who.stamp}" not in receipt.text:
            raise TourFailed(f"{placed.total} and PO-{who.stamp} on the receipt", receipt.text)
        story.mailbox.wait_for(STAFF_MAILBOX, f"Paid order {placed.number}")
    with story.report.step("the order's page tells what happened; it can be printed"):
        page = story.mara.open("/orders/").follow(placed.number)
        page.shows("What happened", placed.total, f"PO-{who.stamp}", story.chosen.name)
        page.follow("Print").is_at(f"/orders/{placed.number}/print").shows(placed.total, story.chosen.name)
    with story.report.step("the order is nobody else's: Hannah finds no such page"):
        story.hannah.open(f"/orders/{placed.number}", status=404)


def read_placed(page: Page) -> Placed:
    page.is_at("/checkout/done/").shows("Thank you")
    total = page.select("#outcome .price", "the order's total").get_text(strip=True)
    return Placed(page.path.rsplit("/", 1)[1], total)


def _expect_payment(story: Story, placed: Placed, statuses: set[str]) -> None:
    """The look-alike's books hold one live payment over the total."""
    payments = story.ledger.payments_of(placed.number)
    live = [each for each in payments if each["status"] in statuses]
    cents = int(re.sub(r"\D", "", placed.total))
    if [each["amount_money"]["amount"] for each in live] != [cents]:
        words = " or ".join(sorted(statuses))
        raise TourFailed(f"one payment over {placed.total} on Square's side, {words}", str(payments))


def _expect_lines(person: Person, expected: list[tuple[str, str]]) -> None:
    there = _lines(person.open("/cart"))
    if there != expected:
        raise TourFailed(f"the cart as it was: {expected}", str(there))


def _lines(page: Page) -> list[tuple[str, str]]:
    """What is in the cart: names and quantities."""
    names = [each.get_text(strip=True) for each in page.soup.select(".cart-line .cart-line__name")]
    quantities = [str(each["value"]) for each in page.soup.select(".cart-line input[name=quantity]")]
    return list(zip(names, quantities, strict=False))
