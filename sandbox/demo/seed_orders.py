"""Seed orders: priced, taxed and numbered by the shop's own rules as of the day each was placed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from app.accounts.models import User
from app.businesses.models import Address
from app.carts.models import Cart, CartLine, CartStatus
from app.catalog.models import Sku
from app.checkout.load import Checkout, load_checkout
from app.checkout.payment_ways import Way
from app.checkout.write_order import write_order
from app.extensions import db
from app.inventory.move import reserve
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.queries import find_by_token
from app.payments.receivables import load_credit
from app.shared.secret_box import secret_box
from app.shared.transaction import lock, transaction
from app.shop.models import ShippingMethod
from sandbox.demo.demo_bank import DemoBank, Story
from sandbox.demo.members import member
from sandbox.demo.order_story import Telling, bill_for, tell_story
from sandbox.demo.orders import DemoOrder, load_orders
from sandbox.demo.seed_goods import HOLDS_STOCK, SENT_STOCK

# What one buyer is about to order, so that the cart of the demo sign-in is not empty.
OPEN_CART_OF = "nora@birchandanchor.example"
OPEN_CART = {"HP-TBL-001-NVY": 24, "HP-CND-002-08": 12, "HP-GRD-007-NAT": 12}


@dataclass(frozen=True)
class _Draft:
    """An order about to be written: its cart's id and the token that marks it as this one of the forty."""

    demo: DemoOrder
    token: str
    cart_id: int
    business_id: int
    placed_at: datetime


def seed_orders(now: datetime, bank: DemoBank, done: Callable[[], object]) -> int:
    """Add the orders that are missing, oldest first, calling `done` after each; returns how many.

    Each is one transaction after the bank was asked, so that an interrupted seeding goes on where it stopped.
    """
    added = 0
    for number, demo in enumerate(load_orders()):
        token = _token(number)
        is_there = find_by_token(token) is not None
        db.session.rollback()
        if not is_there:
            _seed_one(_draft(demo, token, now), bank, now)
            added += 1
        done()
    return added


def seed_open_cart(now: datetime) -> int:
    """Lines in one buyer's open cart, unless they have one; returns how many lines."""
    with transaction():
        user = _user(OPEN_CART_OF)
        if db.session.scalars(db.select(Cart.id).filter_by(user_id=user.id, open_user_id=user.id)).first():
            return 0
        at = now - timedelta(hours=2)
        cart = Cart(user_id=user.id, open_user_id=user.id, created_at=at, touched_at=at)
        db.session.add(cart)
        db.session.flush()
        _add_cart_lines(cart, OPEN_CART, at)
        return len(OPEN_CART)


def _token(number: int) -> str:
    """Known to this installation alone, and the same at every seeding."""
    return str(UUID(hex=secret_box.fingerprint(f"demo order {number}")[:32]))


def _draft(demo: DemoOrder, token: str, now: datetime) -> _Draft:
    placed_at = now - timedelta(hours=demo.hours_ago, minutes=len(demo.lines) * 7)
    with transaction():
        user = _user(demo.buyer)
        cart = db.session.scalars(db.select(Cart).filter_by(checkout_token=token)).one_or_none()
        if cart is None:
            cart = _add_cart(demo, user, token, placed_at)
        return _Draft(demo, token, cart.id, user.business_id or 0, placed_at)


def _add_cart(demo: DemoOrder, user: User, token: str, placed_at: datetime) -> Cart:
    method = db.session.scalars(db.select(ShippingMethod.id).filter_by(code=demo.shipping)).one()
    address = db.session.scalars(
        db.select(Address.id).filter_by(business_id=user.business_id, is_main=True, archived_at=None)
    ).first()
    cart = Cart(
        user_id=user.id,
        status=CartStatus.ORDERED,
        checkout_token=token,
        shipping_address_id=address,
        shipping_method_id=method,
        po_number=demo.po_number,
        note=demo.note,
        created_at=placed_at - timedelta(minutes=40),
        touched_at=placed_at,
        closed_at=placed_at,
    )
    db.session.add(cart)
    db.session.flush()
    _add_cart_lines(cart, demo.lines, placed_at)
    return cart


def _add_cart_lines(cart: Cart, lines: dict[str, int], at: datetime) -> None:
    skus = {row.code: row for row in db.session.scalars(db.select(Sku).where(Sku.code.in_(lines)))}
    for code, quantity in lines.items():
        db.session.add(
            CartLine(
                cart_id=cart.id,
                sku_id=skus[code].id,
                quantity=quantity,
                added_at=at,
            )
        )
    db.session.flush()


def _seed_one(draft: _Draft, bank: DemoBank, now: datetime) -> None:
    quoted = _quote(draft)
    by_card = draft.demo.payment == PaymentMethod.CARD.value
    bill = bill_for(draft.demo, draft.token, quoted.quote.total, draft.placed_at)
    story = bank.settle(bill) if by_card else Story(None)
    with transaction():
        order = _write(draft)
        tell_story(Telling(draft.demo, order, draft.token, story, now))


def _quote(draft: _Draft) -> Checkout:
    cart = db.session.get_one(Cart, draft.cart_id)
    checkout = load_checkout(cart, draft.business_id, draft.placed_at)
    db.session.rollback()
    return checkout


def _write(draft: _Draft) -> Order:
    """The order as checkout writes it, and its goods set aside where it still holds or has had them."""
    cart = lock(Cart, draft.cart_id)
    checkout = load_checkout(cart, draft.business_id, draft.placed_at)
    if draft.demo.status in HOLDS_STOCK | SENT_STOCK:
        reserve({line.sku_id: line.quantity for line in checkout.quote.lines})
    actor = checkout.user.as_actor
    way = Way(member(PaymentMethod, draft.demo.payment), "", terms_days=_terms_days(draft))
    order = write_order(checkout, cart, None, way=way, token=draft.token, actor=actor, now=draft.placed_at)
    if draft.demo.outcome == "declined":
        _keep_open(cart)
    return order


def _terms_days(draft: _Draft) -> int:
    on_account = draft.demo.payment == PaymentMethod.TERMS.value
    return load_credit(draft.business_id, draft.placed_at.date()).net_days if on_account else 0


def _keep_open(cart: Cart) -> None:
    """A declined card leaves the cart as it was, unless the buyer has begun another."""
    other = db.session.scalars(db.select(Cart.id).filter_by(open_user_id=cart.user_id)).first()
    if other is None:
        cart.status, cart.open_user_id, cart.closed_at = CartStatus.OPEN, cart.user_id, None
        # The page's token is used up with the order; the next try has one of its own.
        cart.checkout_token = str(uuid4())


def _user(email: str) -> User:
    found: User = db.session.scalars(db.select(User).filter_by(email=email)).one()
    return found
