"""What the owner sets: facts about the shop, shipping methods, pages of text, and the counters numbers come from."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import db
from app.shared.columns import BigId, Cents, Id, status_type
from app.shared.money import Money
from app.shared.status import LabelEnum


class CaptureRule(LabelEnum):
    """When an authorized card is charged."""

    AT_ONCE = "at_once", "At once"
    ON_SHIPMENT = "on_shipment", "When the order ships"
    BY_HAND = "by_hand", "By hand"


class HoldRule(LabelEnum):
    """What becomes of a hold that nobody captured, before it lapses."""

    CAPTURE = "capture", "Charge the card"
    RELEASE = "release", "Let the hold go and send the buyer a link to pay again"


class ShippingKind(LabelEnum):
    FLAT = "flat", "Flat rate"
    PICKUP = "pickup", "Pickup"


class ShopFacts(db.Model):  # type: ignore[name-defined,misc]
    """The shop itself: always exactly one row, with id 1."""

    __tablename__ = "shop_facts"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    # No AUTO_INCREMENT: MariaDB refuses a CHECK on such a column.
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False, default=1)
    name: Mapped[str] = mapped_column(String(80))
    tagline: Mapped[str] = mapped_column(String(160), default="")
    email: Mapped[str] = mapped_column(String(254))
    staff_email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(20), default="")
    hours: Mapped[str] = mapped_column(String(120), default="")
    line1: Mapped[str] = mapped_column(String(120), default="")
    line2: Mapped[str] = mapped_column(String(120), default="")
    city: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(2), default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    time_zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    notice: Mapped[str] = mapped_column(String(200), default="")
    review_days: Mapped[int] = mapped_column(default=2)
    capture_rule: Mapped[CaptureRule] = mapped_column(
        status_type(CaptureRule, "capture_rule"), default=CaptureRule.AT_ONCE
    )
    hold_rule: Mapped[HoldRule] = mapped_column(
        status_type(HoldRule, "hold_rule", is_checked=False), default=HoldRule.CAPTURE
    )
    # Whether who picks up may pay then, by cash or check.
    allows_pay_on_pickup: Mapped[bool] = mapped_column(default=False)
    # Whether staff without a second factor must set one up before they may do anything.
    staff_need_second_factor: Mapped[bool] = mapped_column(default=False)


class ShippingMethod(db.Model):  # type: ignore[name-defined,misc]
    __tablename__ = "shipping_methods"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[ShippingKind] = mapped_column(status_type(ShippingKind, "kind"))
    price_cents: Mapped[Money] = mapped_column(Cents)
    # Free when the goods come to this much or more; empty = never free.
    free_above_cents: Mapped[Money | None] = mapped_column(Cents)
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)


class TextPage(db.Model):  # type: ignore[name-defined,misc]
    """A page of plain text the owner writes: terms of sale, privacy, shipping and returns."""

    __tablename__ = "text_pages"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(default=0)


class Counter(db.Model):  # type: ignore[name-defined,misc]
    """The next order or invoice number. Ids carry no meaning: on a cluster they step by three, with gaps."""

    __tablename__ = "counters"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    next_value: Mapped[int] = mapped_column(default=1)
