"""Products ordered by what this buyer pays: exact, so it has to look at every price; worked out once, then kept."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import case, func, select

from app.businesses.access import Viewer
from app.catalog.models import Product, Sku
from app.catalog.queries import MOST_PAGES, PAGE_SIZE, PageOfIds, clamp_page
from app.extensions import db
from app.pricing.models import PriceBreak
from app.shared.kept import keep
from app.shared.stamps import Stamp, stamped

# Working it out reads every price: a second or two with a hundred thousand products, not felt with some thousand.
_KIND = "by-price"


def list_page_by_price(
    category_ids: Sequence[int] | None, viewer: Viewer, page: int, count: int
) -> PageOfIds:
    """One page of active products, cheapest first; only for a viewer who sees prices."""
    if not viewer.sees_prices:
        raise ValueError("this order would tell prices to somebody who may not see them")
    page = clamp_page(page, count)
    scope = "all" if category_ids is None else "-".join(map(str, category_ids))
    ids = keep(
        _KIND,
        f"{viewer.price_list_id or 0}:{scope}",
        [Stamp.CATALOGUE, Stamp.PRICES],
        lambda: _order_by_price(category_ids, viewer.price_list_id),
    )
    return PageOfIds(tuple(ids[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]), page, count)


stamped(Stamp.PRICES, PriceBreak)


def _order_by_price(category_ids: Sequence[int] | None, price_list_id: int | None) -> list[int]:
    """A product stands where its cheapest sku does, each at the smallest quantity that can be ordered of it."""
    # The smallest right quantity, in SQL: the minimum rounded up to whole cases (catalog/quantities.py).
    least = Sku.minimum_quantity + (Sku.case_pack - Sku.minimum_quantity % Sku.case_pack) % Sku.case_pack
    reached = (
        (PriceBreak.sku_id == Sku.id)
        & (PriceBreak.price_list_id == price_list_id)
        & (PriceBreak.minimum_quantity <= least)
    )
    # The lowest of all breaks and skus of a product at once: what is joined more than once does not move a minimum.
    mine = case(
        (PriceBreak.unit_price_cents < Sku.price_cents, PriceBreak.unit_price_cents), else_=Sku.price_cents
    )
    query = (
        select(Product.id)
        .join(Sku, Sku.product_id == Product.id)
        .outerjoin(PriceBreak, reached)
        .where(Product.is_active, Sku.is_active)
        .group_by(Product.id)
        .order_by(func.min(mine), Product.id)
        .limit(MOST_PAGES * PAGE_SIZE)
    )
    if category_ids is not None:
        query = query.where(Product.category_id.in_(category_ids))
    return list(db.session.scalars(query))
