"""Puts products, skus, pictures and (for a viewer who sees prices) prices and stock together. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from app.catalog.models import Product, ProductImage, Sku
from app.catalog.pictures import Picture
from app.catalog.quantities import rule_in_words, smallest_right
from app.inventory.words import NO_STOCK, StockFacts, StockWords, describe_stock
from app.offers.views import Offer, ProductCard, SkuRow
from app.pricing.tiers import Break, SkuPrice, list_price_steps, next_break, unit_price
from app.shared.money import ZERO


def build_offer(sku: Sku, breaks: Sequence[Break], stock: StockFacts, today: date) -> Offer:
    """What the sku costs a buyer with these breaks, and its stock in words."""
    return _with_words(build_price(sku, breaks), describe_stock(stock, today))


def build_price(sku: Sku, breaks: Sequence[Break]) -> Offer:
    """What the sku costs a buyer with these breaks, the stock left open: prices may be kept, stock is read for each page."""
    price = SkuPrice(sku.price_cents, tuple(breaks))
    least = smallest_right(sku.case_pack, sku.minimum_quantity)
    each = unit_price(price, least)
    coming = next_break(price, least, sku.case_pack, sku.minimum_quantity)
    return Offer(
        unit_price=each,
        case_price=each.times(sku.case_pack) if sku.case_pack > 1 else None,
        list_price=price.list_price if each < price.list_price else None,
        steps=list_price_steps(price, sku.case_pack, sku.minimum_quantity),
        next_words=coming.words if coming else "",
    )


def with_stock(card: ProductCard, stock: Mapping[int, StockFacts], today: date) -> ProductCard:
    """The card with the stock of its skus in words, by sku id; one that no shelf knows of is out of stock."""
    rows = [
        replace(row, offer=_with_words(row.offer, describe_stock(stock.get(row.sku_id, NO_STOCK), today)))
        if row.offer
        else row
        for row in card.rows
    ]
    return replace(card, rows=tuple(rows))


def _with_words(offer: Offer, words: StockWords) -> Offer:
    return replace(offer, stock_words=words.text, stock_tone=words.tone)


def build_row(product: Product, sku: Sku, images: Sequence[ProductImage], offer: Offer | None) -> SkuRow:
    """One sku with the picture that shows it best: its own, or else the product's first."""
    own = next((image for image in images if image.sku_id == sku.id), None)
    return SkuRow(
        sku_id=sku.id,
        code=sku.code,
        barcode=sku.barcode,
        product_name=product.name,
        product_slug=product.slug,
        options_label=sku.options_label,
        case_pack=sku.case_pack,
        minimum_quantity=sku.minimum_quantity,
        smallest_quantity=smallest_right(sku.case_pack, sku.minimum_quantity),
        rule_words=rule_in_words(sku.case_pack, sku.minimum_quantity),
        weight_grams=sku.weight_grams,
        picture=first_picture([own] if own else images, product.name),
        offer=offer,
    )


def build_card(product: Product, rows: Sequence[SkuRow], images: Sequence[ProductImage]) -> ProductCard:
    """A product of a listing."""
    return ProductCard(
        product_id=product.id,
        name=product.name,
        slug=product.slug,
        brand=product.brand,
        picture=first_picture(images, product.name),
        rows=tuple(rows),
    )


def cheapest_rows_first(card: ProductCard) -> ProductCard:
    """The card with its rows by price, for a table that is ordered by price."""
    priced = [row for row in card.rows if row.offer is not None]
    return replace(
        card, rows=tuple(sorted(priced, key=lambda row: row.offer.unit_price if row.offer else ZERO))
    )


def first_picture(images: Sequence[ProductImage], name: str) -> Picture | None:
    """The first image as a picture, or None."""
    return Picture.of(images[0], name) if images else None


def in_order(ids: Sequence[int], cards: Mapping[int, ProductCard]) -> tuple[ProductCard, ...]:
    """The cards in the order of the ids; those that vanished meanwhile are left out."""
    return tuple(cards[each] for each in ids if each in cards)
