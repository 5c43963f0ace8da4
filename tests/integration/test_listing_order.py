"""A shelf with shelves inside lists their products as one, in the chosen order, page after page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from app.catalog.models import Category, Product
from app.catalog.queries import PAGE_SIZE, Sort, list_product_page
from app.extensions import db
from app.shared import clock
from app.shared.transaction import transaction
from tests.factories import make_category, make_product


def fill(shelves: list[Category], count: int) -> list[Product]:
    """Products whose names, positions and ages run in three different directions, with many positions twice."""
    products = []
    for number in range(count):
        shelf = shelves[number % len(shelves)]
        products.append(
            make_product(f"Thing {number * 7 % count:03}", category=shelf, position=number * 5 % count // 2)
        )
    with transaction():
        for number, product in enumerate(products):
            row = db.session.get_one(Product, product.id)
            row.created_at = clock.now() - timedelta(days=number * 11 % count)
    return list(db.session.scalars(db.select(Product)))


@pytest.mark.parametrize("sort", [Sort.POSITION, Sort.NAME, Sort.NEWEST])
def test_several_shelves_are_one_list_in_order(app: Flask, sort: Sort) -> None:
    shelves = [make_category() for _ in range(3)]
    products = fill(shelves, 3 * PAGE_SIZE - 5)
    make_product("Elsewhere")
    make_product("Hidden", category=shelves[0], is_active=False)
    keys = {
        Sort.POSITION: lambda row: (row.position, row.id),
        Sort.NAME: lambda row: (row.name, row.id),
        Sort.NEWEST: lambda row: (-row.created_at.timestamp(), -row.id),
    }
    shelf_ids = [shelf.id for shelf in shelves]
    listed = [
        each for page in (1, 2, 3) for each in list_product_page(shelf_ids, sort, page, len(products)).ids
    ]
    assert listed == [row.id for row in sorted(products, key=keys[sort])]


@pytest.mark.parametrize("sort", list(Sort))
def test_one_shelf_and_all_shelves_come_in_the_same_order_as_several(app: Flask, sort: Sort) -> None:
    shelves = [make_category() for _ in range(2)]
    count = len(fill(shelves, 20))
    together = list_product_page([shelf.id for shelf in shelves], sort, 1, count).ids
    assert list_product_page(None, sort, 1, count).ids == together
    apart = [list_product_page([shelf.id], sort, 1, count).ids for shelf in shelves]
    assert [each for each in together if each in apart[0]] == list(apart[0])
    assert len(together) == count
