"""The cart's count and sum in the header of every page: one query, and none at all for guests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import g, session
from sqlalchemy import Select, bindparam, func

from app.businesses.access import Viewer
from app.carts.guest_list import read_list
from app.carts.models import Cart, CartLine
from app.catalog.models import Product, Sku
from app.extensions import db
from app.pricing.models import PriceBreak
from app.shared.money import Money


@dataclass(frozen=True, slots=True)
class CartBadge:
    """How many different items the cart (or the guest's list) holds; the sum only for who may see prices."""

    count: int = 0
    total: Money | None = None

    @property
    def sum_text(self) -> str:
        """ "$412.00", or nothing where there is no sum to show."""
        return str(self.total) if self.total is not None else ""

    @property
    def words(self) -> str:
        """ "Cart: 5 items, $412.00" or "List: 1 item", as it is read out."""
        items = f"{self.count:,} item" if self.count == 1 else f"{self.count:,} items"
        return f"List: {items}" if self.total is None else f"Cart: {items}, {self.total}"


def get_cart_badge(viewer: Viewer) -> CartBadge:
    """The badge for whoever looks, read once a request; a page that has quoted the cart leaves it here (keep_badge).

    Ask after the cart was changed, not before.
    """
    kept: CartBadge | None = g.get("cart_badge")
    if kept is not None:
        return kept
    badge = _read(viewer)
    keep_badge(badge)
    return badge


def keep_badge(badge: CartBadge) -> None:
    """Remember what this request worked out anyway, so that the frame need not ask again."""
    g.cart_badge = badge


def sum_up(user_id: int, price_list_id: int | None) -> CartBadge:
    """Count and sum of a buyer's open cart at the buyer's prices; what is no longer sold adds nothing to the sum."""
    rows = db.session.execute(_PRICED_LINES, {"user_id": user_id, "price_list_id": price_list_id}).all()
    prices = [(min(row.price_cents, _money(row.lowest) or row.price_cents), row) for row in rows]
    return CartBadge(
        len(rows), Money.total(price.times(row.quantity) for price, row in prices if row.is_sold)
    )


def _select_priced_lines() -> Select[Any]:
    reached = (
        (PriceBreak.sku_id == CartLine.sku_id)
        & (PriceBreak.price_list_id == bindparam("price_list_id"))
        & (PriceBreak.minimum_quantity <= CartLine.quantity)
    )
    is_sold = db.and_(Sku.is_active, Product.is_active)
    query: Select[Any] = (
        db.select(CartLine.quantity, Sku.price_cents, is_sold.label("is_sold"))
        .add_columns(func.min(PriceBreak.unit_price_cents).label("lowest"))
        .select_from(CartLine)
        .join(Cart, Cart.id == CartLine.cart_id)
        .join(Sku, Sku.id == CartLine.sku_id)
        .join(Product, Product.id == Sku.product_id)
        .outerjoin(PriceBreak, reached)
        .where(Cart.open_user_id == bindparam("user_id"))
        .group_by(CartLine.id, CartLine.quantity, Sku.price_cents, Sku.is_active, Product.is_active)
    )
    return query


# Built once: every page of a buyer asks it.
_PRICED_LINES = _select_priced_lines()


def _read(viewer: Viewer) -> CartBadge:
    if viewer.user_id is None:
        return CartBadge(len(read_list(session)))
    if viewer.sees_prices:
        return sum_up(viewer.user_id, viewer.price_list_id)
    return CartBadge(_count(viewer.user_id))


def _count(user_id: int) -> int:
    query = db.select(func.count()).select_from(CartLine).join(Cart, Cart.id == CartLine.cart_id)
    return int(db.session.scalar(query.where(Cart.open_user_id == user_id)) or 0)


def _money(value: Money | int | None) -> Money | None:
    """func.min() keeps the column's type on some engines' drivers and not on others."""
    return value if value is None or isinstance(value, Money) else Money(int(value))
