"""What mails say about refunds and about lines that cannot ship, as values, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.extensions import db
from app.orders.models import Order, OrderLine
from app.payments.models import Payment, Refund, RefundLine
from app.payments.status import BY_HAND, GAVE_BACK, HAND_WORDS, PROMISES, PaymentStatus, RefundKind
from app.shared.money import ZERO, Money


@dataclass(frozen=True)
class ShortLine:
    """A line of which less stands than was ordered, and why."""

    name: str
    ordered: int
    stands: int
    reason: str

    @property
    def words(self) -> str:
        """ "ordered 12, shipping 10", or "not shipping" where nothing of the line is left."""
        return f"ordered {self.ordered:,}, shipping {self.stands:,}" if self.stands else "not shipping"


@dataclass(frozen=True)
class RefundFacts:
    """A refund, ready to be read: `parts` are name and units; `way` says where the money goes, `wait` how long."""

    amount: Money
    goods: Money
    shipping: Money
    tax: Money
    reason: str
    parts: tuple[tuple[str, int], ...]
    way: str
    wait: str = ""

    @property
    def sums(self) -> list[tuple[str, Money]]:
        """Words and amounts, the total last; what is nothing is left out."""
        rows = [("Goods", self.goods), ("Shipping", self.shipping), ("Sales tax", self.tax)]
        return [*(row for row in rows if row[1]), ("Refund", self.amount)]


def list_short_lines(order_id: int) -> tuple[ShortLine, ...]:
    query = db.select(OrderLine).where(
        OrderLine.order_id == order_id, OrderLine.quantity < OrderLine.ordered_quantity
    )
    return tuple(
        ShortLine(line.product_name, line.ordered_quantity, line.quantity, line.short_reason)
        for line in db.session.scalars(query.order_by(OrderLine.position))
    )


def words_for_money(order: Order) -> str:
    """What the shortened order means for the buyer's money, as the payments are now."""
    payments = list(db.session.scalars(db.select(Payment).filter_by(order_id=order.id).order_by(Payment.id)))
    back = _sum_of_shortened(order.id)
    if back:
        taken = next((each for each in reversed(payments) if each.status is PaymentStatus.CAPTURED), None)
        return f"We give {back} back {way_of(taken)}.{wait_of(taken)}"
    if order.payment_method.is_promise:
        return f"You owe {order.total_cents} for it, instead of what you ordered for."
    held = next((each for each in payments if each.status is PaymentStatus.AUTHORIZED), None)
    if held is not None:
        return (
            f"Your card is charged {order.total_cents}, not the {held.amount_cents} that is held on it; "
            "your bank lets the rest go."
        )
    return f"The new total is {order.total_cents}."


def coming_back(payments: Sequence[Payment]) -> Money:
    """What a cancellation gives back to the cards: all that was taken and had not gone back before it."""
    cards = {each.id: each.amount_cents for each in payments if each.provider not in BY_HAND}
    before = db.select(Refund.amount_cents).where(
        Refund.payment_id.in_(cards), Refund.status.in_(GAVE_BACK), Refund.kind != RefundKind.CANCELLED
    )
    left = Money.total(cards.values()) - Money.total(db.session.scalars(before))
    return left if left > ZERO else ZERO


def way_of(payment: Payment | None) -> str:
    """Where money goes back to: "to your card (Visa ending 1111)"."""
    if payment is None or payment.provider == "square":
        label = payment.card_label if payment else ""
        return f"to your card ({label})" if label else "to your card"
    if payment.provider in PROMISES:
        return "as a credit on what you owe"
    return HAND_WORDS.get(payment.provider, "to you")


def wait_of(payment: Payment | None) -> str:
    """A sentence, with a space before it, where a bank takes its time; nothing for credits and cash."""
    by_bank = payment is None or payment.provider in {"square", "ach"}
    return " Banks take a few days to show it." if by_bank else ""


def find_refund_facts(refund_id: int) -> tuple[Refund, RefundFacts] | None:
    refund = db.session.get(Refund, refund_id)
    if refund is None:
        return None
    payment = db.session.get(Payment, refund.payment_id)
    query = (
        db.select(OrderLine.product_name, RefundLine.quantity)
        .join(OrderLine, OrderLine.id == RefundLine.order_line_id)
        .where(RefundLine.refund_id == refund_id)
    )
    parts = tuple(
        (row.product_name, row.quantity) for row in db.session.execute(query.order_by(OrderLine.position))
    )
    return refund, RefundFacts(
        amount=refund.amount_cents,
        goods=refund.amount_cents - refund.tax_cents - refund.shipping_cents,
        shipping=refund.shipping_cents,
        tax=refund.tax_cents,
        reason=refund.reason,
        parts=parts,
        way=HAND_WORDS[refund.given_by] if refund.given_by else way_of(payment),
        wait="" if refund.given_by else wait_of(payment),
    )


def _sum_of_shortened(order_id: int) -> Money:
    query = db.select(Refund.amount_cents).where(
        Refund.order_id == order_id, Refund.kind == RefundKind.SHORTENED, Refund.status.in_(GAVE_BACK)
    )
    return Money.total(db.session.scalars(query))
