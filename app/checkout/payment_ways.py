"""The ways this buyer may pay for this order. Decided on the server, for the page and again when the order is placed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from app.businesses.models import Business
from app.checkout.load import Checkout
from app.extensions import db
from app.orders.payment_method import PaymentMethod
from app.payments.credit import Credit
from app.payments.receivables import read_credit
from app.shared.errors import AppError
from app.shared.money import Money
from app.shop.queries import get_shop, shop_today


class CannotPayThisWay(AppError):
    """The chosen way is not open to this buyer, or not for this order; the words say why and what to do."""

    def __init__(self, message: str):
        super().__init__(message, "payment_method")


@dataclass(frozen=True)
class Way:
    """One way to pay: what it is called, a sentence about it, and why it cannot be taken for this order ("" = it can)."""

    method: PaymentMethod
    name: str
    words: str = ""
    refusal: str = ""
    terms_days: int = 0


BY_CARD = Way(PaymentMethod.CARD, "Card", "Held now, charged when we confirm the order.")
ON_PICKUP = Way(
    PaymentMethod.ON_PICKUP,
    PaymentMethod.ON_PICKUP.label,
    "You pay when you collect the goods. No card is needed.",
)


def build_ways(*, total: Money, can_pay_on_pickup: bool, credit: Credit) -> tuple[Way, ...]:
    """The card for everybody; terms for who has them, said why not where the account is full or overdue. Pure."""
    ways = [BY_CARD]
    if credit.has_terms:
        name = PaymentMethod.TERMS.name_with(credit.net_days)
        refusal = credit.find_refusal(total)
        ways.append(Way(PaymentMethod.TERMS, name, credit.words, refusal, credit.net_days))
    if can_pay_on_pickup:
        ways.append(ON_PICKUP)
    return tuple(ways)


def list_ways(checkout: Checkout, now: datetime) -> tuple[Way, ...]:
    """The ways to pay for this checkout; one query, and that only for who has terms."""
    is_pickup = checkout.shipping is not None and checkout.shipping.is_pickup
    return build_ways(
        total=checkout.quote.total,
        can_pay_on_pickup=is_pickup and get_shop().allows_pay_on_pickup,
        credit=_credit_of(checkout.business, now),
    )


def _credit_of(business: Business, now: datetime) -> Credit:
    if business.group is None:
        return Credit()
    own = business.credit_limit_cents
    limit = own if own is not None else business.group.credit_limit_cents
    return read_credit(business.id, business.group.net_terms_days, limit, shop_today(now))


def pick_way(method: PaymentMethod, ways: Iterable[Way]) -> Way:
    """The way the buyer chose; CannotPayThisWay where it was not offered, or not for this order."""
    way = next((each for each in ways if each.method is method), None)
    if way is None:
        raise CannotPayThisWay(
            f"“{method.label}” is not open for this order. Choose one of the ways listed here."
        )
    if way.refusal:
        raise CannotPayThisWay(way.refusal)
    return way


def hold_account(business_id: int, now: datetime) -> None:
    """Make orders on one account pass one by one, in the open transaction, before what is owed is read.

    The row is written, not only locked: on a cluster two nodes may both hold "the" lock, but one of two writers of a row
    is sent back at its commit, and reads the other's order when it tries again.
    """
    db.session.execute(
        update(Business).where(Business.id == business_id).values(updated_at=now),
        execution_options={"synchronize_session": False},
    )
