"""A shop that has traded for a year: customers with their own prices, and orders with all that an order leaves behind.

Straight into the tables, in true books: every order adds up, its payment is its total, and the shelf is what its lines say.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, update

from app.accounts.models import User
from app.accounts.passwords import hash_password
from app.accounts.permissions import Role
from app.businesses.models import Address, Business, CustomerGroup, ResaleCertificate
from app.businesses.status import BusinessKind, BusinessStatus, CertificateStatus
from app.extensions import db
from app.inventory.models import Stock
from app.mail.models import Mail
from app.mail.status import MailStatus
from app.orders.models import Order, OrderLine
from app.orders.status import GONE_OUT, OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.models import Payment, ProviderAnswer
from app.payments.status import PaymentStatus
from app.pricing.models import PriceBreak, PriceList
from app.shared import clock
from app.shared.history import HistoryEntry
from app.shared.money import ZERO, Money
from app.shared.transaction import transaction
from app.shop.models import Counter
from bench.world import PASSWORD, fill

BUYERS_EACH = 2
_GROUPS = 4
_SHIPPING = Money(1864)
_TAX = Decimal("0.055")
# Older than the window in which our books are compared with the payment provider's.
_YOUNGEST, _OLDEST = timedelta(days=10), timedelta(days=400)
_FIRST_NUMBER = 1001
# Work that was done is forgotten after thirty days.
_KEPT_WORK = timedelta(days=30)
_BATCH = 500
_S = OrderStatus
_STATUSES = (_S.DELIVERED, _S.SHIPPED, _S.PAID, _S.PROCESSING, _S.CANCELLED)
_WEIGHTS = (88, 4, 3, 2, 3)
_MAIL_KINDS = (Kind.MAIL_ORDER_RECEIVED, Kind.MAIL_ORDER_RECEIPT, Kind.MAIL_ORDER_NOTICE)
_Rows = Iterator[tuple[Any, dict[str, Any]]]


@dataclass(frozen=True)
class Size:
    """How large a shop: products, customers with two buyers each, and orders of the past."""

    products: int
    customers: int
    orders: int


def make_past(size: Size, say: Callable[[str], None]) -> None:
    """Fill an empty database whose tables are there. Buyers are buyer1@example.com and so on, with PASSWORD."""
    say(f"{size.products:,} products")
    fill(size.products, buyers=0)
    now = clock.now()
    say(f"{size.customers:,} customers")
    _write(_price_lists(size.products))
    with transaction():
        staff_id = _add_staff(now)
    _write(_customers(size.customers, staff_id, now))
    say(f"{size.orders:,} orders")
    _write(_orders(size, now))
    with transaction():
        db.session.add(Counter(name="orders", next_value=_FIRST_NUMBER + size.orders))
        _take_from_the_shelf()


def _write(rows: _Rows) -> None:
    """Insert in batches, each table's rows together, what others point at first."""
    batch: dict[Any, list[dict[str, Any]]] = {}
    for count, (model, values) in enumerate(rows, start=1):
        batch.setdefault(model, []).append(values)
        if count % (_BATCH * 20) == 0:
            _insert(batch)
            batch = {}
    _insert(batch)


def _insert(batch: dict[Any, list[dict[str, Any]]]) -> None:
    tables = db.metadata.sorted_tables
    with transaction():
        for model in sorted(batch, key=lambda each: tables.index(each.__table__)):
            db.session.execute(insert(model.__table__), batch[model])


def _price_lists(products: int) -> _Rows:
    """Besides the list of everybody, three more with deeper breaks: most customers have prices of their own."""
    for number in range(2, _GROUPS + 1):
        yield PriceList, {"id": number, "name": f"List {number}"}
        yield CustomerGroup, {"id": number, "name": f"Group {number}", "price_list_id": number}
        for sku_id in range(1, products + 1):
            price = _list_price(sku_id).times(Decimal(100 - 5 * number) / 100)
            yield (
                PriceBreak,
                {"price_list_id": number, "sku_id": sku_id, "minimum_quantity": 1, "unit_price_cents": price},
            )


def _list_price(sku_id: int) -> Money:
    """As bench/world.py sets it."""
    return Money(100 + sku_id % 5000)


def _add_staff(now: datetime) -> int:
    staff = User(
        email="owner@example.com", name="Owner", password_hash=hash_password(PASSWORD), role=Role.SHOP_OWNER,
        email_verified_at=now, created_at=now,
    )  # fmt: skip
    db.session.add(staff)
    db.session.flush()
    return staff.id


def _customers(count: int, staff_id: int, now: datetime) -> _Rows:
    """Every second one buys free of tax, with a certificate that staff looked at."""
    password_hash = hash_password(PASSWORD)
    for n in range(1, count + 1):
        yield (
            Business,
            {
                "id": n, "status": BusinessStatus.APPROVED, "legal_name": f"Customer {n} LLC", "trade_name": f"Customer {n}",
                "kind": BusinessKind.RETAIL_STORE, "group_id": n % _GROUPS + 1, "requested_fields": [],
                "created_at": now - _OLDEST, "updated_at": now - _OLDEST,
            },
        )  # fmt: skip
        yield Address, {"id": n, "business_id": n, "is_main": True, "created_at": now, **_address(n)}
        for buyer in range(BUYERS_EACH):
            # Buyer 1 to 500 each work for another customer, and so do 501 to 1,000.
            number = n + buyer * count
            yield (
                User,
                {
                    "email": f"buyer{number}@example.com", "name": f"Buyer {number}", "password_hash": password_hash,
                    "role": Role.BUSINESS_OWNER, "business_id": n, "email_verified_at": now, "created_at": now,
                },
            )  # fmt: skip
        if _is_exempt(n):
            yield (
                ResaleCertificate,
                {
                    "id": n, "business_id": n, "status": CertificateStatus.VERIFIED, "number": f"ME-{n:06d}", "state": "ME",
                    "issued_on": (now - _OLDEST).date(), "verified_by_id": staff_id, "verified_at": now, "created_at": now,
                },
            )  # fmt: skip


def _address(n: int) -> dict[str, str]:
    where = {"line1": f"{n} Main St", "line2": "", "city": "Camden", "state": "ME", "postal_code": "04843"}
    return {"recipient": f"Customer {n}", **where, "phone": ""}


def _is_exempt(customer: int) -> bool:
    return customer % 2 == 0


def _orders(size: Size, now: datetime) -> _Rows:
    dice = random.Random(1)
    user_of = dict(
        db.session.execute(db.select(User.business_id, func.min(User.id)).group_by(User.business_id)).all()
    )
    db.session.rollback()
    first_line = 1
    for n in range(1, size.orders + 1):
        # One customer in twenty orders is the same large one; pages of a long history are looked at, too.
        customer = 1 if n % 20 == 0 else dice.randint(1, size.customers)
        placed_at = now - _OLDEST + (_OLDEST - _YOUNGEST) * n / size.orders
        order = _order(n, customer, user_of[customer], placed_at, dice.choices(_STATUSES, _WEIGHTS)[0])
        lines = list(_lines(n, first_line, customer, size.products, dice))
        first_line += len(lines)
        order |= _sums(lines)
        yield Order, order
        yield from ((OrderLine, line) for line in lines)
        yield from _left_behind(n, order)


def _order(n: int, customer: int, user_id: int, placed_at: datetime, status: OrderStatus) -> dict[str, Any]:
    is_off, is_gone = status is _S.CANCELLED, status in GONE_OUT
    return {
        "id": n, "number": f"TP-{_FIRST_NUMBER + n - 1}", "checkout_token": str(uuid.uuid4()), "status": status, "version": 3,
        "business_id": customer, "user_id": user_id, "business_name": f"Customer {customer}",
        "buyer_name": f"Buyer {customer}", "buyer_email": f"buyer{customer}@example.com",
        "ship_to": _address(customer), "bill_to": _address(customer), "shipping_code": "ground", "shipping_name": "Ground",
        "po_number": f"PO-{n % 7919}", "exempt_certificate_id": customer if _is_exempt(customer) else None,
        "tax_reason": "Resale certificate" if _is_exempt(customer) else "Maine", "placed_at": placed_at,
        "paid_at": None if is_off else placed_at + timedelta(minutes=1),
        "shipped_at": placed_at + timedelta(days=2) if is_gone else None,
        "cancelled_at": placed_at + timedelta(hours=1) if is_off else None,
        "carrier": "UPS" if is_gone else "", "tracking_number": f"1Z{n:010d}" if is_gone else "",
    }  # fmt: skip


def _lines(
    n: int, first_id: int, customer: int, products: int, dice: random.Random
) -> Iterator[dict[str, Any]]:
    rate = Decimal(0) if _is_exempt(customer) else _TAX
    chosen = {min(int(dice.paretovariate(0.4)), products) for _ in range(dice.randint(1, 6))}
    for position, sku_id in enumerate(sorted(chosen), start=1):
        units = 12 * dice.randint(1, 6)
        total = _list_price(sku_id).times(units)
        yield {
            "id": first_id + position - 1, "order_id": n, "position": position, "sku_id": sku_id,
            "sku_code": f"BN-{sku_id:06d}", "product_name": f"Product {sku_id}", "case_pack": 12,
            "quantity": units, "ordered_quantity": units, "unit_price_cents": _list_price(sku_id),
            "line_total_cents": total, "tax_rate": rate, "tax_cents": total.times(rate),
        }  # fmt: skip


def _sums(lines: list[dict[str, Any]]) -> dict[str, Money]:
    goods = Money.total(line["line_total_cents"] for line in lines)
    shipping_tax = _SHIPPING.times(lines[0]["tax_rate"])
    tax = Money.total(line["tax_cents"] for line in lines) + shipping_tax
    sums = {"subtotal_cents": goods, "shipping_cents": _SHIPPING, "tax_cents": tax}
    return sums | {"shipping_tax_cents": shipping_tax or ZERO, "total_cents": goods + _SHIPPING + tax}


def _left_behind(n: int, order: dict[str, Any]) -> _Rows:
    """The payment with what the provider said, the moves, the work that was done and the mails that were sent."""
    at, is_off = order["placed_at"], order["status"] is _S.CANCELLED
    yield (
        Payment,
        {
            "id": n, "order_id": n, "live_order_id": None if is_off else n, "amount_cents": order["total_cents"],
            "status": PaymentStatus.VOIDED if is_off else PaymentStatus.CAPTURED, "idempotency_key": str(uuid.uuid4()),
            "provider_payment_id": f"past-{n}", "card_brand": "VISA", "card_last4": "1111", "created_at": at,
            "authorized_at": at, "captured_at": None if is_off else order["paid_at"],
        },
    )  # fmt: skip
    for call in ("authorize", "void" if is_off else "capture"):
        told = {
            "payment_id": n,
            "call": call,
            "outcome": "approved",
            "answer": {"status": "COMPLETED"},
            "at": at,
        }
        yield ProviderAnswer, told
    moves = [_S.PENDING, _S.PAYMENT_PENDING, _S.CANCELLED if is_off else _S.PAID, order["status"]]
    for before, after in zip([None, *moves], moves, strict=False):
        if before is not after:
            yield HistoryEntry, _move("order", n, before.value if before else None, after.value, at)
    yield HistoryEntry, _move("payment", n, "authorized", "voided" if is_off else "captured", at)
    is_kept = clock.now() - at < _KEPT_WORK
    for number, kind in enumerate(_MAIL_KINDS):
        outbox_id = n * len(_MAIL_KINDS) + number
        due = {"due_at": at, "created_at": at, "closed_at": at, "attempts": 1}
        if is_kept:
            yield OutboxRow, {"id": outbox_id, "kind": kind, "ids": {"order_id": n}, **due}
        yield Mail, _mail(outbox_id, kind, order)


def _move(subject: str, n: int, before: str | None, after: str, at: datetime) -> dict[str, Any]:
    moved = {"event": after, "from_status": before, "to_status": after, "details": {}, "at": at}
    return {"subject": subject, "subject_id": n, "actor_name": "Buyer", **moved}


def _mail(outbox_id: int, kind: Kind, order: dict[str, Any]) -> dict[str, Any]:
    return {
        "outbox_id": outbox_id, "kind": kind.value, "ids": {"order_id": order["id"]}, "to_address": order["buyer_email"],
        "user_id": order["user_id"], "business_id": order["business_id"], "order_id": order["id"],
        "subject": f"{kind.label} {order['number']}", "text": "Thank you. " * 40, "html": "<p>Thank you.</p>" * 40,
        "status": MailStatus.SENT, "attempts": 1, "queued_at": order["placed_at"], "tried_at": order["placed_at"],
        "sent_at": order["placed_at"],
    }  # fmt: skip


def _take_from_the_shelf() -> None:
    """What went out and what is held, sku by sku, as the orders' lines say."""
    for statuses, column in ((GONE_OUT, Stock.shipped), ({_S.PAID, _S.PROCESSING}, Stock.reserved)):
        units = dict(db.session.execute(
            db.select(OrderLine.sku_id, func.sum(OrderLine.quantity)).join(Order, Order.id == OrderLine.order_id)
            .where(Order.status.in_(statuses)).group_by(OrderLine.sku_id)
        ).all())  # fmt: skip
        for sku_id, count in units.items():
            changes = {Stock.available: Stock.available - int(count), column: column + int(count)}
            db.session.execute(update(Stock).where(Stock.sku_id == sku_id).values(changes))
