"""What mails say about an order, as a value, and how it is read from the order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import selectinload

from app.extensions import db
from app.orders.models import Order
from app.shared.money import Money


@dataclass(frozen=True)
class OrderLineFacts:
    sku: str
    name: str
    options: str
    case_pack: int
    quantity: int
    unit_price: Money
    total: Money

    @property
    def detail(self) -> str:
        """The small line under the name: sku, options, pack, price each."""
        pack = f"case of {self.case_pack}" if self.case_pack > 1 else "sold singly"
        return " · ".join(part for part in (self.sku, self.options, pack, f"{self.unit_price} each") if part)


@dataclass(frozen=True)
class OrderFacts:
    """A whole order, ready to be read by people; amounts are Money, `placed_at` is aware."""

    number: str
    buyer_name: str
    buyer_email: str
    business_name: str
    placed_at: datetime
    po_number: str
    lines: tuple[OrderLineFacts, ...]
    subtotal: Money
    shipping_name: str
    shipping: Money
    tax: Money
    tax_reason: str
    total: Money
    is_pickup: bool
    ship_to: tuple[str, ...]
    note: str = ""
    # How it is to be paid, where that is a promise ("Net 30 on account"); empty for a card.
    promise: str = ""
    # The net days of its terms; 0 for all but terms.
    terms_days: int = 0

    @property
    def promise_words(self) -> str:
        """When and how a promise is paid, in a sentence; empty for a card."""
        if not self.promise:
            return ""
        if self.terms_days:
            return f"It goes on your account: the invoice comes when the goods leave and is due {self.terms_days} days later."
        return f"You pay {self.total} in cash or by check when you collect it."

    @property
    def rows(self) -> list[tuple[str, str, int, Money]]:
        """Name, detail, quantity, amount of each line."""
        return [(line.name, line.detail, line.quantity, line.total) for line in self.lines]

    @property
    def sums(self) -> list[tuple[str, Money]]:
        """Words and amounts under the lines, the total last."""
        return [
            ("Subtotal", self.subtotal),
            (self.shipping_name, self.shipping),
            (f"Sales tax ({self.tax_reason})", self.tax),
            ("Total", self.total),
        ]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Words and values under the sums: the buyer's PO number, and where the goods go."""
        found = [("Your PO number", self.po_number)] if self.po_number else []
        if self.is_pickup:
            return [*found, ("Delivery", "Pickup: we write to you when it is ready.")]
        return [*found, ("Ships to", ", ".join(self.ship_to))] if self.ship_to else found


def find_order_facts(order_id: int) -> OrderFacts | None:
    """The order as a value; None when there is no such order."""
    query = db.select(Order).options(selectinload(Order.lines)).where(Order.id == order_id)
    order: Order | None = db.session.scalars(query).one_or_none()
    return build_order_facts(order) if order else None


def build_order_facts(order: Order) -> OrderFacts:
    """The value of an order whose lines are loaded."""
    return OrderFacts(
        number=order.number,
        buyer_name=order.buyer_name,
        buyer_email=order.buyer_email,
        business_name=order.business_name,
        placed_at=order.placed_at,
        po_number=order.po_number,
        lines=tuple(
            OrderLineFacts(
                sku=line.sku_code,
                name=line.product_name,
                options=line.options_label,
                case_pack=line.case_pack,
                quantity=line.quantity,
                unit_price=line.unit_price_cents,
                total=line.line_total_cents,
            )
            for line in order.lines
        ),
        subtotal=order.subtotal_cents,
        shipping_name=order.shipping_name,
        shipping=order.shipping_cents,
        tax=order.tax_cents,
        tax_reason=order.tax_reason,
        total=order.total_cents,
        is_pickup=order.is_pickup,
        ship_to=_address_lines(order.ship_to),
        note=order.note,
        promise=order.method_words if order.payment_method.is_promise else "",
        terms_days=order.terms_days,
    )


def _address_lines(address: dict[str, str]) -> tuple[str, ...]:
    if not address:
        return ()
    place = f"{address.get('city', '')}, {address.get('state', '')} {address.get('postal_code', '')}"
    given = (address.get("recipient", ""), address.get("line1", ""), address.get("line2", ""), place)
    return tuple(line for line in given if line.strip(" ,"))
