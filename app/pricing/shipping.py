"""What delivery costs: a flat amount, nothing above an amount of goods, or pickup."""

from __future__ import annotations

from dataclasses import dataclass

from app.shared.money import ZERO, Money


@dataclass(frozen=True, slots=True)
class ShippingRule:
    """One way to get the goods. `free_above` is the goods' subtotal from which it costs nothing; None: it always costs."""

    method_id: int
    code: str
    name: str
    price: Money
    free_above: Money | None = None
    is_pickup: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class ShippingCharge:
    """What it costs for these goods, in words, and what would make it free (or nothing)."""

    price: Money
    text: str
    hint: str = ""


def charge_shipping(rule: ShippingRule, subtotal: Money) -> ShippingCharge:
    """The charge for goods of this subtotal; reaching the free amount exactly is enough."""
    if rule.is_pickup:
        return ShippingCharge(rule.price, _pickup_text(rule))
    if not rule.price:
        return ShippingCharge(ZERO, f"{rule.name}: free")
    if rule.free_above is None:
        return ShippingCharge(rule.price, f"{rule.name}: {rule.price}")
    if subtotal >= rule.free_above:
        return ShippingCharge(ZERO, f"{rule.name}: free from {rule.free_above}")
    missing = rule.free_above - subtotal
    return ShippingCharge(rule.price, f"{rule.name}: {rule.price}", f"Spend {missing} more for free shipping")


def _pickup_text(rule: ShippingRule) -> str:
    return f"{rule.name}: {rule.price}" if rule.price else f"{rule.name}: free"
