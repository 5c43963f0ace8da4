"""Seed the catalogue: categories, products, skus, stock and price breaks."""

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import insert

from app.catalog.models import Category, Product, Sku, TaxClass
from app.extensions import db
from app.inventory.models import Stock
from app.pricing.models import PriceBreak, PriceList
from app.shared.money import Money
from app.shared.transaction import transaction
from sandbox.demo.catalogue import DemoCatalogue, DemoProduct, DemoSku, load_catalogue
from sandbox.demo.members import member
from sandbox.demo.orders import load_orders

# Orders in these states hold or have taken goods: that much was received beyond what the shelf shows.
HOLDS_STOCK = frozenset({"pending", "payment_pending", "paid", "processing"})
SENT_STOCK = frozenset({"shipped", "delivered", "returned"})
# The catalogue grew over two years: products are this far apart, so that "newest first" means something.
_DAYS_BETWEEN_PRODUCTS = 6


def seed_goods(now: datetime) -> int:
    """Add what is missing, in one transaction; returns how many products and categories."""
    catalogue = load_catalogue()
    with transaction():
        added = _seed_categories(catalogue)
        added += _seed_products(catalogue, now)
        _seed_prices(catalogue)
        return added


def _seed_categories(catalogue: DemoCatalogue) -> int:
    ids: dict[str, int] = {
        row.slug: row.id for row in db.session.execute(db.select(Category.slug, Category.id))
    }
    added = 0
    for position, each in enumerate(catalogue.categories):
        if each.slug in ids:
            continue
        row = Category(
            slug=each.slug,
            name=each.name,
            description=each.description,
            parent_id=ids[each.parent_slug] if each.parent_slug else None,
            position=position,
        )
        db.session.add(row)
        db.session.flush()
        ids[each.slug] = row.id
        added += 1
    return added


def _seed_products(catalogue: DemoCatalogue, now: datetime) -> int:
    categories = {row.slug: row.id for row in db.session.execute(db.select(Category.slug, Category.id))}
    there = set(db.session.scalars(db.select(Product.slug)))
    demand = ordered_units()
    positions: Counter[str] = Counter()
    added = 0
    for number, each in enumerate(catalogue.products):
        positions[each.category_slug] += 1
        if each.slug in there:
            continue
        # A fixed stride through the list: neighbours in a category did not arrive on the same day.
        age = timedelta(days=_DAYS_BETWEEN_PRODUCTS * (number * 37 % len(catalogue.products)) + 1)
        row = _product(each, categories[each.category_slug], positions[each.category_slug], now - age)
        db.session.add(row)
        db.session.flush()
        for position, sku in enumerate(each.skus):
            _add_sku(row.id, each, sku, position, demand[sku.code], now)
        added += 1
    return added


def _product(each: DemoProduct, category_id: int, position: int, at: datetime) -> Product:
    return Product(
        category_id=category_id,
        name=each.name,
        slug=each.slug,
        brand=each.range_name,
        summary=each.summary,
        description=each.description,
        position=position,
        created_at=at,
        updated_at=at,
    )


def _add_sku(
    product_id: int, product: DemoProduct, each: DemoSku, position: int, sold: int, now: datetime
) -> None:
    sku = Sku(
        product_id=product_id,
        code=each.code,
        barcode=each.barcode,
        options=each.options,
        price_cents=Money(each.price_cents),
        case_pack=product.case_pack,
        minimum_quantity=product.minimum_quantity,
        weight_grams=each.weight_grams,
        tax_class=member(TaxClass, product.tax_class),
        position=position,
    )
    db.session.add(sku)
    db.session.flush()
    back_on = None
    if each.restock_in_days is not None:
        back_on = (now + timedelta(days=each.restock_in_days)).date()
    received = each.stock + sold
    db.session.add(Stock(sku_id=sku.id, available=received, received=received, back_on=back_on))


def ordered_units() -> Counter[str]:
    """Units by sku code that the demo's orders hold or have sent: received on top of what stays on the shelf."""
    units: Counter[str] = Counter()
    for order in load_orders():
        if order.status in HOLDS_STOCK | SENT_STOCK:
            units.update(order.lines)
    return units


def _seed_prices(catalogue: DemoCatalogue) -> None:
    """Each price list as a whole, and only where it holds nothing yet: what the owner changed stays."""
    skus = {row.code: row.id for row in db.session.execute(db.select(Sku.code, Sku.id))}
    for group in catalogue.customer_groups:
        list_id = db.session.scalars(db.select(PriceList.id).filter_by(name=group.name)).one()
        if db.session.scalars(db.select(PriceBreak.id).filter_by(price_list_id=list_id).limit(1)).first():
            continue
        rows = [
            {
                "price_list_id": list_id,
                "sku_id": skus[price.sku],
                "minimum_quantity": price.min_quantity,
                "unit_price_cents": Money(price.unit_price_cents),
            }
            for price in catalogue.prices
            if price.price_list == group.slug
        ]
        db.session.execute(insert(PriceBreak), rows)
