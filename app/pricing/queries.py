"""Load what the pricing rules decide on, in a fixed number of queries however many skus there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import bindparam

from app.businesses.models import Business, CustomerGroup, ResaleCertificate
from app.businesses.status import BusinessStatus, CertificateStatus
from app.extensions import db
from app.pricing.minimums import GroupMinimums
from app.pricing.models import PriceBreak, TaxRate
from app.pricing.quote import Buyer, Delivery
from app.pricing.shipping import ShippingRule
from app.pricing.tax import Certificate, LocalRate, Place, TaxTable
from app.pricing.tiers import Break
from app.shared.errors import NotFound
from app.shared.money import ZERO
from app.shared.us_states import state_name
from app.shop.models import ShippingKind, ShippingMethod
from app.shop.queries import find_shop, list_shipping_methods

# Built once: every cart asks them.
_BREAKS = (
    db.select(PriceBreak.sku_id, PriceBreak.minimum_quantity, PriceBreak.unit_price_cents)
    .where(
        PriceBreak.price_list_id == bindparam("price_list_id"),
        PriceBreak.sku_id.in_(bindparam("sku_ids", expanding=True)),
    )
    .order_by(PriceBreak.minimum_quantity)
)
_BUYER = (
    db.select(Business.status, CustomerGroup.first_order_minimum_cents, CustomerGroup.reorder_minimum_cents)
    .add_columns(ResaleCertificate)
    .outerjoin(CustomerGroup, CustomerGroup.id == Business.group_id)
    .outerjoin(ResaleCertificate, ResaleCertificate.business_id == Business.id)
    .where(Business.id == bindparam("business_id"))
    .order_by(ResaleCertificate.id)
)


def list_breaks_for(sku_ids: Collection[int], price_list_id: int | None) -> dict[int, tuple[Break, ...]]:
    """A price list's breaks by sku id, for callers that hold the skus already; one query, none without a list."""
    if not sku_ids or price_list_id is None:
        return {}
    breaks = defaultdict(list)
    for row in db.session.execute(_BREAKS, {"price_list_id": price_list_id, "sku_ids": list(sku_ids)}):
        breaks[row.sku_id].append(Break(row.minimum_quantity, row.unit_price_cents))
    return {sku_id: tuple(found) for sku_id, found in breaks.items()}


def load_tax_table(state: str) -> TaxTable:
    """One state's rates; an empty table where the owner set none."""
    return build_tax_table(state, list(db.session.scalars(db.select(TaxRate).filter_by(state=state))))


def build_tax_table(state: str, rows: Sequence[TaxRate]) -> TaxTable:
    """A state's rows as the tax rule sees them."""
    of_state = next((row for row in rows if not row.postal_prefix), None)
    local = tuple(LocalRate(row.postal_prefix, row.name, row.rate) for row in rows if row.postal_prefix)
    return TaxTable(
        state=state,
        state_name=of_state.name if of_state else state_name(state),
        state_rate=of_state.rate if of_state else None,
        is_shipping_taxable=of_state.is_shipping_taxable if of_state else False,
        local_rates=local,
    )


def load_buyer(business_id: int, is_first_order: bool) -> Buyer:
    """A business's approval, its group's minimums and its certificates; one query."""
    rows = db.session.execute(_BUYER, {"business_id": business_id}).all()
    if not rows:
        raise NotFound()
    first = rows[0]
    minimums = GroupMinimums(first.first_order_minimum_cents or ZERO, first.reorder_minimum_cents or ZERO)
    held = (row.ResaleCertificate for row in rows if row.ResaleCertificate is not None)
    certificates = tuple(certificate_facts(each) for each in held)
    return Buyer(first.status is BusinessStatus.APPROVED, minimums, is_first_order, certificates)


def certificate_facts(row: ResaleCertificate) -> Certificate:
    """A certificate's row as the tax rule sees it."""
    is_verified = row.status is CertificateStatus.VERIFIED
    return Certificate(row.id, row.state, row.number, is_verified, row.issued_on, row.expires_on)


def list_shipping_rules() -> list[ShippingRule]:
    """The ways to get an order that the shop offers now, in the owner's order; one query."""
    return [shipping_rule(method) for method in list_shipping_methods()]


def shipping_rule(method: ShippingMethod) -> ShippingRule:
    """A shipping method's row as the rule sees it."""
    return ShippingRule(
        method_id=method.id,
        code=method.code,
        name=method.name,
        price=method.price_cents,
        free_above=method.free_above_cents,
        is_pickup=method.kind is ShippingKind.PICKUP,
        description=method.description,
    )


def load_delivery(shipping: ShippingRule | None, ship_to: Place | None) -> Delivery:
    """Where the order goes, with the tax table that holds there; at most one query besides the shop's own facts."""
    shop = find_shop()
    shop_place = Place(shop.state, shop.postal_code) if shop and shop.state else None
    where = Delivery(shipping, ship_to, shop_place).tax_place
    return Delivery(shipping, ship_to, shop_place, load_tax_table(where.state) if where else None)
