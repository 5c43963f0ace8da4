"""Stock figures always add up, and nobody sells what is not there."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.extensions import db
from app.inventory.models import Stock
from app.inventory.move import OutOfStock, receive, release, reserve, ship, take_back
from app.shared.errors import Conflict
from app.shared.transaction import transaction
from tests.factories import make_product, make_sku


def figures(sku):
    db.session.rollback()
    stock = db.session.get(Stock, sku.id)
    return stock.available, stock.reserved, stock.shipped, stock.received


def move(step, *args):
    with transaction():
        step(*args)


@pytest.mark.usefixtures("app")
def test_goods_are_reserved_shipped_and_taken_back():
    sku = make_sku(stock=100)
    move(reserve, {sku.id: 30})
    assert figures(sku) == (70, 30, 0, 100)
    move(ship, {sku.id: 20})
    assert figures(sku) == (70, 10, 20, 100)
    move(release, {sku.id: 10})
    assert figures(sku) == (80, 0, 20, 100)
    move(take_back, {sku.id: 5})
    assert figures(sku) == (85, 0, 15, 100)
    move(receive, sku.id, 50)
    assert figures(sku) == (135, 0, 15, 150)
    move(receive, sku.id, -35)
    assert figures(sku) == (100, 0, 15, 115)


@pytest.mark.usefixtures("app")
def test_all_of_an_order_is_reserved_or_nothing():
    plenty, short, none = (
        make_sku(stock=100),
        make_sku(make_product("Harbor mug"), stock=3),
        make_sku(stock=0),
    )
    with pytest.raises(OutOfStock) as caught:
        move(reserve, {none.id: 1, plenty.id: 10, short.id: 4})
    assert caught.value.sku_ids == sorted([short.id, none.id])
    assert "Harbor mug" in caught.value.message
    assert [figures(sku)[1] for sku in (plenty, short, none)] == [0, 0, 0]


@pytest.mark.usefixtures("app")
def test_one_thing_that_ran_out_is_named():
    sku = make_sku(make_product("Harbor mug"), stock=3)
    with pytest.raises(OutOfStock, match=r"^Harbor mug was sold a moment ago\."):
        move(reserve, {sku.id: 4})


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("step", [release, ship, take_back])
def test_what_was_never_reserved_or_shipped_cannot_be_moved_on(step):
    sku = make_sku(stock=100)
    with pytest.raises(Conflict):
        move(step, {sku.id: 1})
    assert figures(sku) == (100, 0, 0, 100)


@pytest.mark.usefixtures("app")
def test_a_loss_cannot_be_larger_than_what_is_on_the_shelf():
    sku = make_sku(stock=10)
    move(reserve, {sku.id: 4})
    with pytest.raises(Conflict):
        move(receive, sku.id, -7)
    assert figures(sku) == (6, 4, 0, 10)


@pytest.mark.usefixtures("app")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from([reserve, release, ship, take_back]), st.integers(1, 8)), max_size=12)
)
def test_whatever_happens_the_figures_add_up(steps):
    sku = make_sku(stock=20)
    for step, units in steps:
        try:
            move(step, {sku.id: units})
        except (OutOfStock, Conflict):
            continue
        available, reserved, shipped, received = figures(sku)
        assert min(available, reserved, shipped) >= 0
        assert available + reserved + shipped == received == 20
