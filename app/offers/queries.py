"""Product cards and pages as this viewer may see them, each in a fixed number of queries.

For a viewer who sees no prices neither breaks nor stock are even read: what is not there cannot leak.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from app.businesses.access import Viewer
from app.catalog.models import Product, ProductImage, Sku
from app.catalog.pictures import Picture
from app.catalog.queries import (
    get_product,
    list_images,
    list_neighbours,
    list_newest_products,
    list_products,
    select_active_skus,
)
from app.extensions import db
from app.inventory.models import Stock
from app.inventory.words import StockFacts
from app.offers.build import build_card, build_offer, build_row, in_order
from app.offers.views import Offer, ProductCard, ProductDetails, SkuRow
from app.pricing.models import PriceBreak
from app.pricing.tiers import Break

_NEIGHBOURS = 6


def list_cards(product_ids: Sequence[int], viewer: Viewer, today: date) -> tuple[ProductCard, ...]:
    """The products in this order; three queries."""
    products = list_products(product_ids)
    return in_order(product_ids, _build_cards(products, viewer, today))


def list_newest_cards(limit: int, viewer: Viewer, today: date) -> tuple[ProductCard, ...]:
    """The products added last, newest first; three queries."""
    products = list_newest_products(limit)
    return in_order(list(products), _build_cards(products, viewer, today))


def get_product_details(slug: str, chosen_code: str, viewer: Viewer, today: date) -> ProductDetails:
    """A product's page with one sku chosen (by its code, else the first); NotFound for no or an inactive product."""
    product = get_product(slug)
    neighbours = list_neighbours(product, _NEIGHBOURS)
    products = {product.id: product, **neighbours}
    images = list_images(products)
    rows = _list_rows(products, images, viewer, today)
    own = rows.get(product.id, [])
    chosen = next((row for row in own if row.code == chosen_code.strip().upper()), own[0] if own else None)
    cards = {each: build_card(products[each], rows.get(each, []), images.get(each, [])) for each in products}
    return ProductDetails(
        product_id=product.id,
        category_id=product.category_id,
        name=product.name,
        slug=product.slug,
        brand=product.brand,
        summary=product.summary,
        description=product.description,
        pictures=_pictures_for(chosen, product, images.get(product.id, [])),
        rows=tuple(own),
        chosen=chosen,
        neighbours=in_order(list(neighbours), cards),
    )


def _build_cards(products: Mapping[int, Product], viewer: Viewer, today: date) -> dict[int, ProductCard]:
    images = list_images(products)
    rows = _list_rows(products, images, viewer, today)
    return {
        each: build_card(product, rows.get(each, []), images.get(each, []))
        for each, product in products.items()
    }


def _list_rows(
    products: Mapping[int, Product], images: Mapping[int, list[ProductImage]], viewer: Viewer, today: date
) -> dict[int, list[SkuRow]]:
    rows: dict[int, list[SkuRow]] = defaultdict(list)
    if not products:
        return rows
    for sku, offer in _list_offers(list(products), viewer, today):
        product = products[sku.product_id]
        rows[product.id].append(build_row(product, sku, images.get(product.id, []), offer))
    return rows


def _list_offers(product_ids: Sequence[int], viewer: Viewer, today: date) -> list[tuple[Sku, Offer | None]]:
    query = select_active_skus(product_ids)
    if not viewer.sees_prices:
        skus: Iterable[Sku] = db.session.scalars(query)
        return [(sku, None) for sku in skus]
    on_my_list = (PriceBreak.sku_id == Sku.id) & (PriceBreak.price_list_id == viewer.price_list_id)
    query = query.outerjoin(Stock, Stock.sku_id == Sku.id).outerjoin(PriceBreak, on_my_list)
    query = query.add_columns(Stock.available, Stock.low_at, Stock.back_on)
    query = query.add_columns(PriceBreak.minimum_quantity.label("starts_at"), PriceBreak.unit_price_cents)
    rows: dict[Sku, list[Row[Any]]] = defaultdict(list)
    for row in db.session.execute(query):  # a sku comes once for each of its breaks
        rows[row.Sku].append(row)
    return [(sku, _build_offer(sku, found, today)) for sku, found in rows.items()]


def _build_offer(sku: Sku, rows: Sequence[Row[Any]], today: date) -> Offer:
    breaks = [Break(row.starts_at, row.unit_price_cents) for row in rows if row.starts_at is not None]
    stock = StockFacts(rows[0].available or 0, rows[0].low_at or 0, rows[0].back_on)
    return build_offer(sku, breaks, stock, today)


def _pictures_for(
    chosen: SkuRow | None, product: Product, images: Sequence[ProductImage]
) -> tuple[Picture, ...]:
    """All pictures, those of the chosen sku first."""
    first = chosen.sku_id if chosen else None
    ordered = sorted(images, key=lambda image: image.sku_id != first)  # stable: the rest stay as they are
    return tuple(Picture.of(image, product.name) for image in ordered)
