"""Give a new shop its first facts; everything else is set in the back office."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

from app.extensions import db
from app.shared.errors import AppError
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shared.us_states import STATE_NAMES
from app.shop.models import ShippingKind, ShippingMethod, ShopFacts


@dataclass(frozen=True)
class SetUpShop:
    name: str
    email: str
    phone: str = ""
    state: str = ""
    postal_code: str = ""
    time_zone: str = "America/New_York"
    line1: str = ""
    city: str = ""


def set_up_shop(command: SetUpShop) -> ShopFacts:
    """Write the shop's one row and a pickup to begin with; AppError when it is set up already or a fact is wrong."""
    state = command.state.strip().upper()
    if state and state not in STATE_NAMES:
        raise AppError(f"{command.state!r} is no US state. Use two letters, like ME.")
    if command.time_zone not in available_timezones():
        raise AppError(f"{command.time_zone!r} is no time zone. Use one like America/Chicago.")
    if not command.name.strip():
        raise AppError("The shop needs a name.")
    with transaction():
        if db.session.get(ShopFacts, 1) is not None:
            raise AppError("This shop is set up already. Change its facts in the back office.")
        shop = ShopFacts(
            id=1,
            name=command.name.strip(),
            email=command.email,
            staff_email=command.email,
            phone=command.phone.strip(),
            line1=command.line1.strip(),
            city=command.city.strip(),
            state=state,
            postal_code=command.postal_code.strip(),
            time_zone=command.time_zone,
        )
        db.session.add(shop)
        if db.session.query(ShippingMethod).first() is None:
            db.session.add(
                ShippingMethod(code="pickup", name="Pickup", kind=ShippingKind.PICKUP, price_cents=Money(0))
            )
    return shop
