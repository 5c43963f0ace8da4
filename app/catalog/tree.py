"""The tree of categories with the number of products in each: on every page, so it is read once and kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import aliased

from app.catalog.models import Category, Product, ProductImage, Sku
from app.catalog.pictures import Picture
from app.extensions import db
from app.shared.kept import keep
from app.shared.stamps import Stamp, stamped
from app.web import address_of

_KIND = "category-tree"


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category as pages show it. `product_count` holds the active products of it and of everything below it."""

    id: int
    name: str
    slug: str
    description: str
    children: tuple[CategoryNode, ...]
    product_count: int
    picture: Picture | None

    @property
    def url(self) -> str:
        """Its page's address."""
        return address_of("catalog.category", category=self.slug)

    @property
    def ids(self) -> tuple[int, ...]:
        """Its own id and those of everything below it."""
        return (self.id, *(each for child in self.children for each in child.ids))


def list_category_tree() -> list[CategoryNode]:
    """The top categories in the owner's order, each with its children: one query, then kept until something changes."""
    return keep(_KIND, "", [Stamp.CATALOGUE], _read_tree)


def find_path(slug: str) -> tuple[CategoryNode, ...]:
    """The nodes from the top down to the category of that slug; empty when there is none."""
    return _find_path(list_category_tree(), slug)


def find_path_by_id(category_id: int) -> tuple[CategoryNode, ...]:
    """The nodes from the top down to the category with that id; empty when there is none."""
    return next((path for path in _walk((), list_category_tree()) if path[-1].id == category_id), ())


def _find_path(nodes: Iterable[CategoryNode], slug: str) -> tuple[CategoryNode, ...]:
    return next((path for path in _walk((), nodes) if path[-1].slug == slug), ())


def _walk(
    above: tuple[CategoryNode, ...], nodes: Iterable[CategoryNode]
) -> Iterator[tuple[CategoryNode, ...]]:
    for node in nodes:
        path = (*above, node)
        yield path
        yield from _walk(path, node.children)


def _select_tree() -> Select[Any]:
    counts = (
        # Counted, not filtered: so the listing's index gives the groups one after the other, and nothing is sorted.
        db.select(
            Product.category_id, db.func.count(db.case((Product.is_active, Product.id))).label("products")
        )
        .group_by(Product.category_id)
        .subquery()
    )
    # The first product that has a picture lends it to the category; the listing's index makes this one look-up.
    shown, lent = aliased(Product), aliased(ProductImage)
    first_picture = (
        db.select(lent.id)
        .join(shown, shown.id == lent.product_id)
        .where(shown.category_id == Category.id, shown.is_active)
        .order_by(shown.position, shown.id)
        .limit(1)
        .correlate(Category)
        .scalar_subquery()
    )
    pictured = db.select(Category.id, first_picture.label("image_id")).subquery()
    query: Select[Any] = (
        db.select(Category, counts.c.products, ProductImage)
        .join(pictured, pictured.c.id == Category.id)
        .outerjoin(counts, counts.c.category_id == Category.id)
        .outerjoin(ProductImage, ProductImage.id == pictured.c.image_id)
        .order_by(Category.position, Category.name, Category.id)
    )
    return query


# Built once: putting it together takes longer than asking it.
_TREE = _select_tree()


def _read_tree() -> list[CategoryNode]:
    return list(_build_level(db.session.execute(_TREE).all(), None, frozenset()))


def _build_level(rows: Sequence[Any], parent_id: int | None, above: frozenset[int]) -> Iterator[CategoryNode]:
    """`above` stops a category that was made its own grandparent from going round for ever."""
    for category, own_count, image in rows:
        if category.parent_id != parent_id or category.id in above:
            continue
        children = tuple(_build_level(rows, category.id, above | {category.id}))
        lent = Picture.of(image) if image else None
        yield CategoryNode(
            id=category.id,
            name=category.name,
            slug=category.slug,
            description=category.description,
            children=children,
            product_count=(own_count or 0) + sum(child.product_count for child in children),
            picture=lent or next((child.picture for child in children if child.picture), None),
        )


stamped(Stamp.CATALOGUE, Category, Product, ProductImage, Sku)
