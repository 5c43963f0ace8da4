"""Reads of the catalogue for whoever looks: nothing here knows a price or a stock figure.

Pages of ids come first, straight from an index; what is shown is then read for those ids alone, so that neither the
number of queries nor the rows touched grow with the catalogue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.catalog.models import Product, ProductImage, Sku
from app.extensions import db
from app.shared.errors import NotFound
from app.shared.kept import keep
from app.shared.stamps import Stamp
from app.shared.status import LabelEnum

PAGE_SIZE = 24
# The database walks over every row before an OFFSET. So far it does that within some milliseconds; nobody turns
# a thousand pages by hand, and a robot is spared the rest.
MOST_PAGES = 1000


def _with_images(query: Select[Product, ProductImage]) -> Select[Product, ProductImage]:
    of_it = ProductImage.product_id == Product.id
    return query.outerjoin(ProductImage, of_it).order_by(ProductImage.position, ProductImage.id)


_BY_SLUG = _with_images(select(Product, ProductImage)).where(
    Product.slug == bindparam("slug"), Product.is_active
)


class Sort(LabelEnum):
    """How a listing is ordered. By price it is ordered by what the buyer pays (app/offers/by_price.py)."""

    POSITION = "position", "Featured"
    NAME = "name", "Name"
    NEWEST = "newest", "Newest first"
    PRICE = "price", "Price, lowest first"


# What the rows of each order are sorted by before their id; what has no order here (by price) is in the owner's.
_SORTED_BY: defaultdict[Sort, tuple[InstrumentedAttribute[Any], ...]] = defaultdict(
    lambda: (Product.position,), {Sort.NAME: (Product.name,), Sort.NEWEST: (Product.created_at,)}
)
# So many categories are asked one by one and merged; no shop has more under one shelf, and SQLite takes 500.
_MOST_MERGED = 60


@dataclass(frozen=True, slots=True)
class PageOfIds:
    """One page of product ids, in order. `is_cut` says that there is more than `count` tells."""

    ids: tuple[int, ...]
    page: int
    count: int
    is_cut: bool = False

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return count_pages(self.count)


def count_pages(count: int) -> int:
    """How many pages so many products fill: at least one, at most MOST_PAGES."""
    return min(max(1, -(-count // PAGE_SIZE)), MOST_PAGES)


def clamp_page(page: int, count: int) -> int:
    """The page asked for, or the nearest that exists."""
    return min(max(page, 1), count_pages(count))


def list_product_page(category_ids: Sequence[int] | None, sort: Sort, page: int, count: int) -> PageOfIds:
    """One page of active products of these categories (None: of all), where `count` is how many there are in all.

    The count comes from the category tree, which is kept: counting rows on every page would cost more than the page.
    """
    page = clamp_page(page, count)
    offset = (page - 1) * PAGE_SIZE

    def ids() -> Select[Any]:
        is_many = category_ids is not None and 1 < len(category_ids) <= _MOST_MERGED
        query = _merged(category_ids or (), sort, page) if is_many else _in_order(category_ids, sort)
        return query.limit(PAGE_SIZE).offset(offset)

    return PageOfIds(_keep_ids(ids, category_ids, f"{sort.value}:{page}"), page, count)


def list_newest_ids(limit: int) -> tuple[int, ...]:
    """The active products added last, newest first."""
    return _keep_ids(lambda: _in_order(None, Sort.NEWEST).limit(limit), None, f"newest {limit}")


def list_neighbour_ids(category_id: int, limit: int) -> tuple[int, ...]:
    """The first active products of a category, in the owner's order."""
    beside = [category_id]
    return _keep_ids(lambda: _in_order(beside, Sort.POSITION).limit(limit), beside, f"first {limit}")


def _keep_ids(
    query: Callable[[], Select[Any]], category_ids: Sequence[int] | None, part: str
) -> tuple[int, ...]:
    """What the query finds, kept until some product changes."""
    scope = "all" if category_ids is None else "-".join(map(str, category_ids))
    stamps = [Stamp.CATALOGUE]
    return keep("product-ids", f"{scope}:{part}", stamps, lambda: tuple(db.session.scalars(query())))


def list_products_with_images(
    ids: Collection[int],
) -> tuple[dict[int, Product], dict[int, list[ProductImage]]]:
    """These products by id, as far as they are active, and their images, each product's in order. One query."""
    products: dict[int, Product] = {}
    images: dict[int, list[ProductImage]] = defaultdict(list)
    query = _with_images(select(Product, ProductImage)).where(Product.id.in_(ids), Product.is_active)
    for product, image in db.session.execute(query) if ids else ():
        products[product.id] = product
        if image is not None:
            images[product.id].append(image)
    return products, images


def get_product_with_images(slug: str) -> tuple[Product, list[ProductImage]]:
    """An active product with an active sku or without, and its images in order; NotFound for any other. One query."""
    rows = db.session.execute(_BY_SLUG, {"slug": slug}).all()
    if not rows:
        raise NotFound("We do not have this product, or no longer.")
    return rows[0].Product, [row.ProductImage for row in rows if row.ProductImage is not None]


def select_active_skus(product_ids: Collection[int]) -> Select[Sku]:
    """The skus of these products that can be bought, in order: a query that others may add columns to."""
    query = select(Sku).where(Sku.product_id.in_(product_ids), Sku.is_active)
    return query.order_by(Sku.product_id, Sku.position, Sku.id)


def _in_order(category_ids: Sequence[int] | None, sort: Sort) -> Select[Any]:
    query = _ordered(select(Product.id).where(Product.is_active), sort)
    if category_ids is None:
        return query
    if len(category_ids) == 1:  # an equality lets the index deliver the rows in order already
        return query.where(Product.category_id == category_ids[0])
    return query.where(Product.category_id.in_(category_ids))


def _merged(category_ids: Sequence[int], sort: Sort, page: int) -> Select[Any]:
    """The first so many of each category, each straight from its index, put in order together.

    Asked for all of them at once a database sorts every product of a large shelf to show two dozen.
    """
    columns = _SORTED_BY[sort]
    each = select(Product.id, *columns).where(Product.is_active).limit(page * PAGE_SIZE)
    firsts = (_ordered(each.where(Product.category_id == number), sort).subquery() for number in category_ids)
    merged = union_all(*map(select, firsts)).subquery()
    keys = [merged.c[column.key] for column in (*columns, Product.id)]
    return select(merged.c.id).order_by(*(key.desc() if sort is Sort.NEWEST else key for key in keys))


def _ordered(query: Select[Any], sort: Sort) -> Select[Any]:
    keys = (*_SORTED_BY[sort], Product.id)
    return query.order_by(*(key.desc() if sort is Sort.NEWEST else key for key in keys))
