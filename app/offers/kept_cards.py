"""Cards as everybody with the same price list sees them, kept until a product or a price changes. Never with stock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import bindparam

from app.businesses.access import Viewer
from app.catalog.models import Product, ProductImage, Sku
from app.catalog.queries import list_products_with_images, select_active_skus
from app.extensions import db
from app.inventory.models import Stock
from app.inventory.words import StockFacts
from app.offers.build import build_card, build_price, build_row, with_stock
from app.offers.views import ProductCard, SkuRow
from app.pricing.models import PriceBreak
from app.pricing.tiers import Break
from app.shared.kept import keep_each
from app.shared.stamps import Stamp

_STAMPS = (Stamp.CATALOGUE, Stamp.PRICES)
_STOCK = db.select(Stock.sku_id, Stock.available, Stock.low_at, Stock.back_on).where(
    Stock.sku_id.in_(bindparam("sku_ids", expanding=True))
)


def find_cards(product_ids: Sequence[int], viewer: Viewer) -> dict[int, ProductCard]:
    """The active ones of these products by id, stock left open: two queries for those that are not kept, or none."""
    # Who sees no prices shares cards that never had one; who has no price list, cards with the skus' own prices.
    audience = f"list {viewer.price_list_id or 0}" if viewer.sees_prices else "no prices"
    return keep_each("card", audience, product_ids, _STAMPS, lambda missing: _make_cards(missing, viewer))


def list_stocked(cards: Sequence[ProductCard], viewer: Viewer, today: date) -> tuple[ProductCard, ...]:
    """The cards with the stock there is now; one query, none for a viewer who may not know."""
    sku_ids = [row.sku_id for card in cards for row in card.rows]
    if not viewer.sees_prices or not sku_ids:
        return tuple(cards)
    found = db.session.execute(_STOCK, {"sku_ids": sku_ids})
    stock = {sku_id: StockFacts(available, low_at, back_on) for sku_id, available, low_at, back_on in found}
    return tuple(with_stock(card, stock, today) for card in cards)


def _make_cards(product_ids: Sequence[int], viewer: Viewer) -> dict[int, ProductCard]:
    products, images = list_products_with_images(product_ids)
    rows = _list_rows(products, images, viewer)
    return {
        each: build_card(product, rows.get(each, []), images.get(each, []))
        for each, product in products.items()
    }


def _list_rows(
    products: Mapping[int, Product], images: Mapping[int, list[ProductImage]], viewer: Viewer
) -> dict[int, list[SkuRow]]:
    rows: dict[int, list[SkuRow]] = defaultdict(list)
    if not products:
        return rows
    for sku, breaks in _list_priced(list(products), viewer).items():
        product = products[sku.product_id]
        offer = build_price(sku, breaks) if viewer.sees_prices else None
        rows[product.id].append(build_row(product, sku, images.get(product.id, []), offer))
    return rows


def _list_priced(product_ids: Sequence[int], viewer: Viewer) -> dict[Sku, list[Break]]:
    query = select_active_skus(product_ids)
    if not viewer.sees_prices:
        return {sku: [] for sku in db.session.scalars(query)}
    on_my_list = (PriceBreak.sku_id == Sku.id) & (PriceBreak.price_list_id == viewer.price_list_id)
    query = query.outerjoin(PriceBreak, on_my_list)
    query = query.add_columns(PriceBreak.minimum_quantity.label("starts_at"), PriceBreak.unit_price_cents)
    breaks: dict[Sku, list[Break]] = defaultdict(list)
    for row in db.session.execute(query):  # a sku comes once for each of its breaks
        known = breaks[row.Sku]
        if row.starts_at is not None:
            known.append(Break(row.starts_at, row.unit_price_cents))
    return breaks
