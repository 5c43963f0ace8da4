"""Nobody but an approved buyer reads a price, a stock figure or an order control anywhere; the buyer reads them all."""

from __future__ import annotations

import inspect
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func

from app.accounts.models import TokenPurpose, User
from app.accounts.tokens import add_token
from app.contact.models import ContactReply
from app.extensions import db
from app.orders.models import Order
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.models import Refund
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from jobs.registry import HANDLERS
from tests.client import ShopClient, read_text
from tests.factories import make_cart, make_message, make_order
from tests.mailbox import Mails
from tests.walking.crawl import Seen, crawl, look_at
from tests.walking.people import UNAPPROVED, browser_of
from tests.walking.places import UNSAFE, list_places, values_for
from tests.walking.small_shop import (
    LOW,
    SmallShop,
    case_prices,
    finder,
    list_prices,
    make_small_shop,
    other_prices,
    own_prices,
    price_words,
    stock_figures,
)

pytestmark = pytest.mark.either_database
ORDERED = {1: 12, 3: 24, 0: 2}
SUMS = {683_197 * 12, 15_731 * 24, 628_519 * 2, 683_197 * 12 + 15_731 * 24 + 628_519 * 2, 51_973 * 8}
PRICES = list_prices() | own_prices() | other_prices() | case_prices() | SUMS
SECRETS = finder(price_words(PRICES) | stock_figures())
STOCK_WORDS = finder({"In stock", "Out of stock", "Stock differs by option"})
QUANTITY = 'name="quantity"'
CONTROLS = (
    QUANTITY,
    'href="/checkout',
    'action="/checkout',
    'hx-post="/checkout',
    'id="check-out"',
    'data-done="Added"',
)
# Addresses no page links to as such, but that people type: every way to sort, to look, and to search.
TYPED = (
    "/catalog?sort=price", "/catalog?view=table&sort=price", "/catalog?view=cards", "/catalog/kitchen?view=table&sort=price",
    "/search?q=kettle", "/search?q=SM-3&view=table", "/search?q=a&sort=price", "/search?q=",
    "/products/linen-apron?sku=SM-2", "/account/business/application?step=check", "/orders/?find=SM-6",
    "/order-pad", "/sitemap.xml", "/api/v1/", "/feed",
)  # fmt: skip
# Leaves the session as it is.
NOT_PRESSED = {"accounts.logout", "accounts.sign_out_everywhere"}


@pytest.fixture
def shop(app: Flask) -> SmallShop:
    return make_small_shop()


def start_addresses(app: Flask, shop: SmallShop, user: User | None) -> list[str]:
    places = list_places(app, values_for(shop, user))
    return [*(place.address for place in places if place.method == "GET"), *TYPED]


def fill_cart(shop: SmallShop, user: User | None, browser: ShopClient) -> None:
    """A cart that was begun while the person could see prices, or a guest's list."""
    wanted = {shop.skus[number]: quantity for number, quantity in ORDERED.items()}
    if user is not None:
        chosen = {"shipping_address_id": shop.address.id, "shipping_method_id": shop.shipping.id}
        make_cart(user, wanted, **chosen)
    for sku, quantity in wanted.items() if user is None else ():
        browser.post("/cart/items", data={"sku_id": sku.id, "quantity": quantity})


def press_everything(app: Flask, shop: SmallShop, user: User | None, browser: ShopClient) -> Iterator[Seen]:
    """The answer of every unsafe route to goods asked for in quantities that are right, wrong, and far too many."""
    sku_ids = [sku.id for sku in shop.skus]
    bodies = (
        {"sku_id": sku_ids[5], "quantity": "36"},
        {"sku_id": sku_ids[5], "quantity": "7"},
        {"sku_id": sku_ids, "quantity": ["999996"] * len(sku_ids)},
    )
    for place in list_places(app, values_for(shop, user)):
        if place.method not in UNSAFE or place.is_desk or place.endpoint in NOT_PRESSED:
            continue
        for body in bodies if place.rule.startswith(("/cart", "/checkout")) else bodies[:1]:
            yield look_at(str(place), browser.hx(place.address, "POST", data=body), is_fragment=True)
            yield look_at(str(place), browser.post(place.address, data=body))


def may_be_read(who: str, seen: Seen) -> bool:
    """A suspended business keeps reading its own orders, and who has a link the one order it pays."""
    return (who == "suspended" and seen.address.startswith("/orders")) or "/pay/" in seen.address


def wrong_with(who: str, seen: Seen) -> Iterator[str]:
    if may_be_read(who, seen):
        return
    for found in (*SECRETS.findall(seen.everything), *STOCK_WORDS.findall(seen.everything)):
        yield f"{seen} tells {found!r}"
    for control in CONTROLS:
        # On one's own list one says how many; everywhere else a quantity is an order.
        if control in seen.body and not (control == QUANTITY and "/cart" in seen.address):
            yield f"{seen} has {control}"


@pytest.mark.parametrize("who", UNAPPROVED)
def test_nobody_who_is_not_approved_reads_a_price_a_stock_figure_or_an_order_control(
    app: Flask, shop: SmallShop, who: str
) -> None:
    user = UNAPPROVED[who](shop)
    browser = browser_of(app, user)
    fill_cart(shop, user if who != "deactivated" else None, browser)

    seen = crawl(browser, start_addresses(app, shop, user))
    seen += press_everything(app, shop, user, browser)

    assert not {str(each) for each in seen if each.status >= 500}
    wrong = [told for each in seen for told in wrong_with(who, each)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))
    db.session.rollback()
    assert db.session.scalar(db.select(func.count()).select_from(Order)) == 1, (
        "somebody not approved placed an order"
    )


def test_an_approved_buyer_finds_every_price_and_stock_on_the_same_walk(app: Flask, shop: SmallShop) -> None:
    browser = browser_of(app, shop.buyer)
    fill_cart(shop, shop.buyer, browser)

    seen = crawl(browser, start_addresses(app, shop, shop.buyer))

    everything = "\n".join(each.everything for each in seen)
    missing = [
        str(Money(cents)) for cents in list_prices() | own_prices() if str(Money(cents)) not in everything
    ]
    assert not missing
    theirs = finder(price_words(other_prices()))
    assert not [str(each) for each in seen if theirs.search(each.everything)], (
        "the prices of another group are told"
    )
    words = ("In stock", "Out of stock", *LOW, *CONTROLS)
    assert not [each for each in words if each not in everything]
    assert "/checkout/review" in {each.address for each in seen if each.status == 200}, (
        "the walk ended before the card"
    )


def test_a_suspended_business_still_reads_its_own_orders(app: Flask, shop: SmallShop) -> None:
    user = UNAPPROVED["suspended"](shop)
    own = make_order(user, {shop.skus[0]: 1})
    browser = browser_of(app, user)
    assert own.number in read_text(browser.get("/orders/"))
    for address in (f"/orders/{own.number}", f"/orders/{own.number}/print"):
        assert "$7,391.71" in read_text(browser.get(address))
    assert browser.get(f"/orders/{shop.order.number}").status_code == 404


# --- Mails --------------------------------------------------------------------------------------------------------

ABOUT_MONEY = ("order", "payment", "refund", "invoice", "pay_link")


def ids_for(shop: SmallShop, user: User, kind: Kind) -> dict[str, int]:
    """What the handler of a mail asks for, about this person and their business."""
    now, hour = clock.now(), timedelta(hours=1)
    message = make_message(user=user, topic="Prices", body="What does the kettle cost?")
    purpose = TokenPurpose.VERIFY_EMAIL if kind is Kind.MAIL_VERIFY_EMAIL else TokenPurpose.RESET_PASSWORD
    with transaction():
        reply = ContactReply(
            message_id=message.id,
            author_id=shop.buyer.id,
            author_name="Sam",
            body="See inside.",
            created_at=now,
        )
        refund = Refund(
            payment_id=shop.payment.id, order_id=shop.order.id, amount_cents=Money(100), reason="A dented case",
            idempotency_key=str(uuid.uuid4()), created_at=now,
        )  # fmt: skip
        db.session.add_all([reply, refund])
        token = add_token(user, purpose, now=now, lifetime=hour)
        db.session.flush()
        known = {
            "user_id": user.id, "business_id": user.business_id or 0, "token_id": token.id, "message_id": message.id,
            "reply_id": reply.id, "order_id": shop.order.id, "payment_id": shop.payment.id,
            "refund_id": refund.id,
        }  # fmt: skip
    # Alarms carry figures about the machine; everything else ids.
    wanted = inspect.signature(HANDLERS[kind]).parameters
    return {name: known[name] if name.endswith("_id") else 1_700_000_000 for name in wanted}


def send_every_mail(
    shop: SmallShop, user: User, run_jobs: Callable[..., object], *, about_money: bool
) -> None:
    for kind in Kind:
        area, _, name = kind.value.partition(".")
        if area == "mail" and name.startswith(ABOUT_MONEY) == about_money:
            ids = ids_for(shop, user, kind)
            with transaction():
                post(kind, **ids)
    run_jobs()


def test_no_mail_to_anyone_not_approved_tells_a_price(
    app: Flask, shop: SmallShop, mails: Mails, run_jobs: Callable[..., object]
) -> None:
    for who, make in UNAPPROVED.items():
        user = make(shop)
        if user is None:
            continue
        fill_cart(shop, user, browser_of(app, user))
        mails.catcher.box.empty()
        send_every_mail(shop, user, run_jobs, about_money=False)
        sent = mails.all()
        assert len(sent) >= 2, who
        told = [
            found for mail in sent for found in SECRETS.findall(f"{mail.subject}\n{mail.text}\n{mail.html}")
        ]
        assert not told, (who, told)


def test_the_mails_about_an_order_do_tell_its_prices(
    shop: SmallShop, mails: Mails, run_jobs: Callable[..., object]
) -> None:
    send_every_mail(shop, shop.buyer, run_jobs, about_money=True)
    assert [mail for mail in mails.to(shop.buyer.email) if "$519.73" in mail.text and "$519.73" in mail.html]
