"""The sum of an order before it is placed, and every reason why it cannot be placed yet. Pure: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.pricing.minimums import GroupMinimums, OrderMinimum, measure_minimum
from app.pricing.shipping import ShippingCharge, ShippingRule, charge_shipping
from app.pricing.tax import NO_TAX, Certificate, Place, TaxOutcome, TaxTable, decide_tax
from app.pricing.tiers import NextBreak, next_break, unit_price
from app.pricing.violations import check_delivery, check_goods
from app.pricing.wanted import Wanted
from app.shared.errors import Violation
from app.shared.money import ZERO, Money

TAX_UNKNOWN = "Worked out once we know where it goes"
NOTHING_TAXABLE = "Nothing in this order is taxable"


@dataclass(frozen=True, slots=True)
class Buyer:
    """What the buyer's business brings to a quote."""

    is_approved: bool
    minimums: GroupMinimums = GroupMinimums()
    is_first_order: bool = True
    certificates: tuple[Certificate, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """How and where the goods go, as far as chosen; the tax table is that of `tax_place`'s state."""

    shipping: ShippingRule | None = None
    ship_to: Place | None = None
    shop_place: Place | None = None
    tax_table: TaxTable | None = None

    @property
    def is_pickup(self) -> bool:
        return self.shipping is not None and self.shipping.is_pickup

    @property
    def tax_place(self) -> Place | None:
        """Where the goods change hands, and so whose tax is due: the ship-to address, or the shop for a pickup."""
        return self.shop_place if self.is_pickup else self.ship_to


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of the sum. A sku that is no longer sold counts nothing."""

    wanted: Wanted
    unit_price: Money
    list_price: Money
    line_total: Money
    saving: Money
    tax_rate: Decimal
    tax: Money
    next_break: NextBreak | None

    @property
    def sku_id(self) -> int:
        return self.wanted.sku_id

    @property
    def quantity(self) -> int:
        return self.wanted.quantity


@dataclass(frozen=True, slots=True)
class Quote:
    """The sum. `shipping`, `tax` and with them the last word on `total` are open while address or method are unknown."""

    lines: tuple[QuoteLine, ...]
    subtotal: Money
    savings: Money
    shipping: ShippingCharge | None
    shipping_tax: Money
    tax: Money | None
    tax_reason: str
    exempt_certificate_id: int | None
    minimum: OrderMinimum
    goods_violations: tuple[Violation, ...]
    delivery_violations: tuple[Violation, ...]

    @property
    def violations(self) -> tuple[Violation, ...]:
        """Everything that stands in the way of placing this order."""
        return self.goods_violations + self.delivery_violations

    @property
    def shipping_price(self) -> Money:
        """What shipping costs; zero while no method is chosen."""
        return self.shipping.price if self.shipping else ZERO

    @property
    def total(self) -> Money:
        """Goods, shipping and tax, each as far as known."""
        return self.subtotal + self.shipping_price + (self.tax or ZERO)

    @property
    def is_total_final(self) -> bool:
        """Whether nothing is left to be added to the total."""
        return self.shipping is not None and self.tax is not None

    @property
    def units(self) -> int:
        """How many units the order holds in all."""
        return sum(line.quantity for line in self.lines)

    def violations_of(self, sku_id: int) -> tuple[Violation, ...]:
        """The violations that belong beside this sku's line."""
        code = next((line.wanted.code for line in self.lines if line.sku_id == sku_id), None)
        return tuple(each for each in self.goods_violations if code and each.subject == code)


def build_quote(items: tuple[Wanted, ...], buyer: Buyer, delivery: Delivery, today: date) -> Quote:
    """Price the goods, add shipping and tax, and list every broken rule.

    Tax is rounded half up on each line and on shipping; the order's tax is the sum of those (docs/pricing.md).
    """
    subtotal = Money.total(_line_total(item) for item in items)
    charge = charge_shipping(delivery.shipping, subtotal) if delivery.shipping else None
    outcome = _tax_outcome(buyer, delivery, today)
    lines = tuple(_build_line(item, outcome) for item in items)
    shipping_tax = charge.price.times(outcome.shipping_rate) if charge and outcome else ZERO
    minimum = measure_minimum(buyer.minimums, subtotal, buyer.is_first_order)
    return Quote(
        lines=lines,
        subtotal=subtotal,
        savings=Money.total(line.saving for line in lines),
        shipping=charge,
        shipping_tax=shipping_tax,
        tax=Money.total(line.tax for line in lines) + shipping_tax if outcome else None,
        tax_reason=_tax_reason(outcome, items, shipping_tax),
        exempt_certificate_id=outcome.certificate_id if outcome else None,
        minimum=minimum,
        goods_violations=check_goods(items, buyer.is_approved, minimum),
        delivery_violations=check_delivery(
            has_method=delivery.shipping is not None,
            is_pickup=delivery.is_pickup,
            has_place=delivery.tax_place is not None,
        ),
    )


def _price_of(item: Wanted) -> Money:
    return unit_price(item.price, item.quantity)


def _line_total(item: Wanted) -> Money:
    return _price_of(item).times(item.quantity) if item.is_sold else ZERO


def _build_line(item: Wanted, outcome: TaxOutcome | None) -> QuoteLine:
    price = item.price
    total = _line_total(item)
    rate = outcome.rate_for(item.is_taxable) if outcome else NO_TAX
    return QuoteLine(
        wanted=item,
        unit_price=_price_of(item),
        list_price=price.list_price,
        line_total=total,
        saving=price.list_price.times(item.quantity) - total if item.is_sold else ZERO,
        tax_rate=rate,
        tax=total.times(rate),
        next_break=next_break(price, item.quantity, item.case_pack, item.minimum_quantity)
        if item.is_sold
        else None,
    )


def _tax_outcome(buyer: Buyer, delivery: Delivery, today: date) -> TaxOutcome | None:
    if delivery.tax_place is None or delivery.tax_table is None:
        return None
    return decide_tax(delivery.tax_place, delivery.tax_table, buyer.certificates, buyer.is_approved, today)


def _tax_reason(outcome: TaxOutcome | None, items: tuple[Wanted, ...], shipping_tax: Money) -> str:
    if outcome is None:
        return TAX_UNKNOWN
    if outcome.goods_rate and items and not shipping_tax and not any(item.is_taxable for item in items):
        return NOTHING_TAXABLE
    return outcome.reason
