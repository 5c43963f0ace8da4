"""What a cart holds, with today's facts and prices of each sku, in two queries however long it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func
from sqlalchemy.orm import aliased

from app.businesses.models import Business, CustomerGroup
from app.carts.item import CartItem
from app.carts.models import Cart, CartLine
from app.catalog.models import Product, ProductImage, Sku, TaxClass
from app.catalog.pictures import Picture
from app.extensions import db
from app.inventory.models import Stock
from app.inventory.words import StockFacts
from app.pricing.queries import list_breaks_for
from app.pricing.tiers import SkuPrice
from app.pricing.wanted import Wanted
from app.shared.money import Money


def load_wanted(cart_id: int, business_id: int) -> tuple[Wanted, ...]:
    """The cart's lines ready for build_quote, priced by the list of the business's group."""
    price_list_id = db.session.scalars(_PRICE_LIST, {"business_id": business_id}).one_or_none()
    return price_items(list_items(CartLine.cart_id == cart_id), price_list_id)


def price_items(items: list[CartItem], price_list_id: int | None) -> tuple[Wanted, ...]:
    """The items with the breaks of a price list (None: everybody's own prices); one query."""
    breaks = list_breaks_for([item.sku_id for item in items], price_list_id)
    return tuple(
        Wanted(
            sku_id=item.sku_id,
            code=item.code,
            product_name=item.product_name,
            options_label=item.options_label,
            quantity=item.quantity,
            price=SkuPrice(item.list_price, breaks.get(item.sku_id, ())),
            case_pack=item.case_pack,
            minimum_quantity=item.minimum_quantity,
            is_taxable=item.is_taxable,
            is_sold=item.is_sold,
            available=item.stock.available,
        )
        for item in items
    )


def list_items(condition: ColumnElement[bool]) -> list[CartItem]:
    """The cart lines that fulfil the condition, oldest first; one query."""
    return [item for _, item in list_lines(condition)]


def list_lines(condition: ColumnElement[bool]) -> list[tuple[CartLine, CartItem]]:
    """The same, each with its row for those who change it."""
    rows = db.session.execute(_LINES.where(condition))
    return [(row.CartLine, _build_line_item(row)) for row in rows]


def list_open_items(user_id: int) -> tuple[Cart | None, list[CartItem]]:
    """The buyer's open cart with its lines in one query; no cart where there is no line."""
    rows = db.session.execute(_OPEN_LINES, {"user_id": user_id}).all()
    return (rows[0].Cart if rows else None), [_build_line_item(row) for row in rows]


def list_items_of(quantities: dict[int, int]) -> list[CartItem]:
    """Items for a guest's list of sku id → quantity, in its order; the line id is the sku's. Unknown skus are left out."""
    if not quantities:
        return []
    rows = {row.sku_id: row for row in db.session.execute(_SKUS, {"sku_ids": list(quantities)})}
    return [
        _build_item(rows[sku_id], sku_id, quantity, None)
        for sku_id, quantity in quantities.items()
        if sku_id in rows
    ]


def _with_sku_facts(query: Select[Any]) -> Select[Any]:
    """Add what _build_item reads to a query that selects from Sku."""
    # The sku's own picture, or else the product's first.
    picture = func.coalesce(
        _first_image(lambda image: image.sku_id == Sku.id),
        _first_image(lambda image: image.product_id == Product.id),
    )
    return (
        query.add_columns(Sku, Product.id.label("product_id"), Product.slug, Product.name, Product.is_active)
        .add_columns(Stock.available, Stock.low_at, Stock.back_on, ProductImage)
        .join(Product, Product.id == Sku.product_id)
        .outerjoin(Stock, Stock.sku_id == Sku.id)
        .outerjoin(ProductImage, (ProductImage.product_id == Product.id) & (ProductImage.id == picture))
    )


def _first_image(belongs: Callable[[Any], ColumnElement[bool]]) -> Any:
    image = aliased(ProductImage)
    query = db.select(image.id).where(belongs(image)).order_by(image.position, image.id).limit(1)
    return query.correlate(Product, Sku).scalar_subquery()


# Built once: putting such a statement together costs more than the database takes to answer it.
_PRICE_LIST = (
    db.select(CustomerGroup.price_list_id)
    .join(Business, Business.group_id == CustomerGroup.id)
    .where(Business.id == bindparam("business_id"))
)
_LINES = _with_sku_facts(db.select(CartLine).join(Sku, Sku.id == CartLine.sku_id)).order_by(CartLine.id)
_OPEN_LINES = _with_sku_facts(
    db.select(Cart, CartLine)
    .join(CartLine, CartLine.cart_id == Cart.id)
    .join(Sku, Sku.id == CartLine.sku_id)
    .where(Cart.open_user_id == bindparam("user_id"))
).order_by(CartLine.id)
_SKUS = _with_sku_facts(db.select(Sku.id.label("sku_id"))).where(
    Sku.id.in_(bindparam("sku_ids", expanding=True))
)


def _build_line_item(row: Any) -> CartItem:
    line: CartLine = row.CartLine
    return _build_item(row, line.id, line.quantity, line.seen_price_cents)


def _build_item(row: Any, line_id: int, quantity: int, seen_price: Money | None) -> CartItem:
    """One row of _with_sku_facts() as an item."""
    sku: Sku = row.Sku
    return CartItem(
        line_id=line_id,
        sku_id=sku.id,
        product_id=row.product_id,
        slug=row.slug,
        quantity=quantity,
        seen_price=seen_price,
        code=sku.code,
        product_name=row.name,
        options_label=sku.options_label,
        list_price=sku.price_cents,
        case_pack=sku.case_pack,
        minimum_quantity=sku.minimum_quantity,
        is_taxable=sku.tax_class is TaxClass.STANDARD,
        is_sold=sku.is_active and row.is_active,
        stock=StockFacts(row.available or 0, row.low_at or 0, row.back_on),
        picture=Picture.of(row.ProductImage, row.name) if row.ProductImage else None,
    )
