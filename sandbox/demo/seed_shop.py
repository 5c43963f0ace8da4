"""Seed what the owner sets: shop facts, shipping, sales tax, pages, price lists and customer groups."""

from collections.abc import Callable

from app.businesses.models import CustomerGroup
from app.extensions import db
from app.pricing.models import PriceList, TaxRate
from app.shared.errors import AppError
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import ShippingKind, ShippingMethod, ShopFacts, TextPage
from sandbox.demo.catalogue import load_catalogue
from sandbox.demo.facts import DEFAULT_GROUP, MINIMUMS, PAGES, SHIPPING, SHOP, TAX_RATES, TERMS
from sandbox.demo.members import member


class NotADemoDatabase(AppError):
    """The database holds a shop already, and not the demo's."""

    def __init__(self, name: str):
        super().__init__(
            f"This database belongs to {name!r}. The demo shop is only put into an empty database: "
            "point DATABASE_URL at a new one, then run this again."
        )


def seed_shop() -> int:
    """Add what is missing; returns how many rows. NotADemoDatabase when another shop lives here."""
    with transaction():
        shop = db.session.get(ShopFacts, 1)
        if shop is not None and shop.name != SHOP["name"]:
            raise NotADemoDatabase(shop.name)
        if shop is None:
            db.session.add(ShopFacts(id=1, **SHOP))
        return (
            int(shop is None)
            + _add_missing(ShippingMethod.code, _shipping())
            + _add_missing(TextPage.slug, _pages())
            + _seed_tax_rates()
            + _seed_groups()
        )


def _add_missing(key: object, rows: dict[str, Callable[[], object]]) -> int:
    """Add each row whose key is not there yet."""
    there = set(db.session.scalars(db.select(key)))
    missing = [make for name, make in rows.items() if name not in there]
    db.session.add_all([make() for make in missing])
    return len(missing)


def _shipping() -> dict[str, Callable[[], object]]:
    return {
        each.code: lambda each=each, position=position: ShippingMethod(  # type: ignore[misc]
            code=each.code,
            name=each.name,
            description=each.description,
            kind=member(ShippingKind, each.kind),
            price_cents=Money(each.price_cents),
            free_above_cents=None if each.free_above_cents is None else Money(each.free_above_cents),
            position=position,
        )
        for position, each in enumerate(SHIPPING)
    }


def _pages() -> dict[str, Callable[[], object]]:
    return {
        slug: lambda slug=slug, title=title, body=body, position=position: TextPage(  # type: ignore[misc]
            slug=slug, title=title, body=body, position=position
        )
        for position, (slug, title, body) in enumerate(PAGES)
    }


def _seed_tax_rates() -> int:
    there = {tuple(row) for row in db.session.execute(db.select(TaxRate.state, TaxRate.postal_prefix))}
    missing = [each for each in TAX_RATES if (each.state, each.postal_prefix) not in there]
    db.session.add_all(
        TaxRate(
            state=each.state,
            postal_prefix=each.postal_prefix,
            name=each.name,
            rate=each.rate,
            is_shipping_taxable=each.is_shipping_taxable,
        )
        for each in missing
    )
    return len(missing)


def _seed_groups() -> int:
    there = set(db.session.scalars(db.select(CustomerGroup.name)))
    missing = [each for each in load_catalogue().customer_groups if each.name not in there]
    for each in missing:
        first, again = MINIMUMS[each.slug]
        net_days, limit = TERMS.get(each.slug, (0, None))
        price_list = PriceList(name=each.name)
        db.session.add(price_list)
        db.session.flush()
        db.session.add(
            CustomerGroup(
                name=each.name,
                description=each.description,
                price_list_id=price_list.id,
                first_order_minimum_cents=Money(first),
                reorder_minimum_cents=Money(again),
                net_terms_days=net_days,
                credit_limit_cents=None if limit is None else Money(limit),
                is_default=each.slug == DEFAULT_GROUP,
            )
        )
    return len(missing)
