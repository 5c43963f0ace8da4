"""Two tabs at once on MariaDB: one cart a buyer, and nothing that was added is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from app.businesses.viewer import load_viewer
from app.carts.add_to_cart import add_to_cart
from app.carts.additions import AddedItems, Addition
from app.carts.close_stale_carts import close_stale_carts
from app.carts.merge_guest_list import merge_guest_list
from app.carts.models import Cart, CartLine, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.inventory.move import OutOfStock, reserve
from app.shared import clock
from app.shared.transaction import retry_lost_races, transaction
from tests.factories import make_buyer, make_cart, make_sku

pytestmark = pytest.mark.usefixtures("app")


def quantities() -> dict[int, int]:
    db.session.rollback()
    return {line.sku_id: line.quantity for line in db.session.scalars(db.select(CartLine))}


def test_first_adds_from_eight_tabs_make_one_cart_and_lose_nothing(at_once: Callable[..., list[Any]]) -> None:
    viewer = load_viewer(make_buyer())
    skus = [make_sku(stock=1_000).id for _ in range(4)]

    def add(sku_id: int) -> AddedItems:
        return add_to_cart([Addition(sku_id, "3")], viewer=viewer, now=clock.now())

    results = at_once(*[lambda s=sku: add(s) for sku in skus * 2])
    assert all(isinstance(each, AddedItems) for each in results), results
    assert len(list(db.session.scalars(db.select(Cart)))) == 1
    assert quantities() == dict.fromkeys(skus, 6)


def test_a_list_merged_twice_at_once_counts_once(at_once: Callable[..., list[Any]]) -> None:
    viewer = load_viewer(make_buyer())
    sku_id = make_sku(stock=1_000).id
    results = at_once(*[lambda: merge_guest_list({sku_id: 5}, viewer=viewer, now=clock.now())] * 4)
    assert sorted(results) == [0, 0, 0, 1]
    assert quantities() == {sku_id: 5}


def test_an_add_while_the_old_cart_is_closed_lands_in_an_open_one(at_once: Callable[..., list[Any]]) -> None:
    buyer = make_buyer()
    viewer = load_viewer(buyer)
    old, new = make_sku(), make_sku()
    cart = make_cart(buyer, {old: 1})
    now = clock.now()
    with transaction():
        db.session.get_one(Cart, cart.id).touched_at = now - timedelta(days=91)
    before = now - timedelta(days=90)
    at_once(
        lambda: close_stale_carts(before=before, now=now),
        lambda: add_to_cart([Addition(new.id, "2")], viewer=viewer, now=now),
    )
    db.session.rollback()
    query = (
        db.select(CartLine.quantity)
        .join(Cart)
        .where(Cart.status == CartStatus.OPEN, CartLine.sku_id == new.id)
    )
    assert list(db.session.scalars(query)) == [2]


def test_nobody_sells_more_than_there_is(at_once: Callable[..., list[Any]]) -> None:
    skus = [make_sku(stock=10).id for _ in range(3)]

    @retry_lost_races
    def take() -> str:
        with transaction():
            reserve(dict.fromkeys(reversed(skus), 3))
        return "taken"

    results = at_once(*[take] * 8)
    assert results.count("taken") == 3
    assert sum(isinstance(each, OutOfStock) for each in results) == 5
    db.session.rollback()
    assert [(row.available, row.reserved) for row in db.session.scalars(db.select(Stock))] == [(1, 9)] * 3
