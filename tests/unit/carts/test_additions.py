"""What may go into a cart, and what is offered beside what may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.carts.additions import GONE, Added, AddedItems, Adding, Addition, Refused
from app.carts.badge import CartBadge
from app.carts.change_quantity import Changed
from app.carts.item import CartItem, NotSold, require_addable, require_changeable
from app.carts.remove_line import Removed
from app.carts.words import NOTHING_FILLED, say_added, say_changed, say_removed
from app.catalog.quantities import WrongQuantity, check_quantity
from app.inventory.words import StockFacts
from app.shared.money import Money


def soap(**changes):
    facts = {
        "line_id": 1,
        "sku_id": 7,
        "product_id": 3,
        "slug": "lavender-soap",
        "quantity": 0,
        "seen_price": None,
        "code": "HP-1204",
        "product_name": "Lavender soap",
        "options_label": "",
        "list_price": Money(340),
        "case_pack": 12,
        "minimum_quantity": 48,
        "is_taxable": True,
        "is_sold": True,
        "stock": StockFacts(100, 24),
    }
    return CartItem(**(facts | changes))


@pytest.mark.parametrize(
    "in_cart, quantity, message, nearest",
    [
        (0, 50, "Sold in 12s, 48 minimum. Choose 48 or 60.", (48, 60)),
        (0, 12, "Sold in 12s, 48 minimum. Choose 48.", (48,)),
        (48, 5, "Sold in 12s, 48 minimum. You have 48 in your cart: add 12.", (12,)),
        (48, 30, "Sold in 12s, 48 minimum. You have 48 in your cart: add 24 or 36.", (24, 36)),
        (0, 0, "Enter how many you want, like 48.", (48,)),
        (0, 108, "Only 100 left. You can order up to 96.", (96,)),
        (48, 60, "Only 100 left. You can add up to 48 more.", (48,)),
        (96, 12, "Only 100 left, and 96 are in your cart already.", ()),
    ],
)
def test_a_wrong_addition_says_what_would_be_right(in_cart, quantity, message, nearest):
    with pytest.raises(WrongQuantity) as caught:
        require_addable(soap(), in_cart, quantity, "typed", knows_stock=True)
    assert (caught.value.message, caught.value.nearest, caught.value.typed) == (message, nearest, "typed")


def test_the_minimum_holds_for_the_sum_not_for_what_is_added():
    require_addable(soap(), 48, 12, "12", knows_stock=True)


@pytest.mark.parametrize(
    "available, message", [(0, "Out of stock."), (40, "Only 40 left, too few to order.")]
)
def test_what_is_not_there_cannot_be_added(available, message):
    with pytest.raises(WrongQuantity, match=message):
        require_addable(soap(stock=StockFacts(available)), 0, 48, "48", knows_stock=True)


@pytest.mark.parametrize("available", [0, 40, 48])
def test_who_may_not_know_the_stock_learns_nothing_from_a_refusal(available):
    require_addable(soap(stock=StockFacts(available)), 0, 96, "96", knows_stock=False)
    require_changeable(soap(stock=StockFacts(available)), 96, "96", knows_stock=False)


def test_what_is_no_longer_sold_cannot_be_added():
    with pytest.raises(NotSold, match="Lavender soap is no longer sold"):
        require_addable(soap(is_sold=False), 0, 48, "48", knows_stock=True)


def test_too_many_for_one_line_is_told_so():
    with pytest.raises(WrongQuantity, match="more than 100,000"):
        require_addable(soap(), 99_996, 48, "48", knows_stock=False)


@given(
    st.integers(1, 144),
    st.integers(1, 288),
    st.integers(0, 500),
    st.integers(0, 1_000),
    st.integers(0, 1_000),
)
def test_every_offered_addition_would_be_accepted(case_pack, minimum, cases_in_cart, quantity, available):
    item = soap(case_pack=case_pack, minimum_quantity=minimum, stock=StockFacts(available))
    in_cart = min(cases_in_cart * case_pack, 50_000 // case_pack * case_pack)
    try:
        require_addable(item, in_cart, quantity, "", knows_stock=True)
        offered = (quantity,)
    except WrongQuantity as wrong:
        offered = wrong.nearest
    for right in offered:
        assert right > 0
        assert check_quantity(in_cart + right, case_pack, minimum) is None


@pytest.mark.parametrize(
    "quantity, message",
    [(50, "Choose 48 or 60."), (0, "Choose 48."), (120, "Only 100 left. You can order up to 96.")],
)
def test_a_line_changes_only_to_a_right_quantity(quantity, message):
    with pytest.raises(WrongQuantity, match=message):
        require_changeable(soap(), quantity, str(quantity), knows_stock=True)
    require_changeable(soap(), 96, "96", knows_stock=True)


def run(additions, quantities=None, items=None):
    stored = dict(quantities or {})

    def put(item, quantity):
        stored[item.sku_id] = quantity

    items = {7: soap()} if items is None else items
    return Adding(items, dict(quantities or {}), put, knows_stock=True).add_all(additions), stored


def test_rows_with_trouble_keep_nobody_else_out():
    items = {7: soap(), 8: soap(sku_id=8, product_name="Mug", case_pack=1, minimum_quantity=1)}
    result, stored = run(
        [Addition(7, "50"), Addition(8, "3"), Addition(9, "1"), Addition(8, "x")], items=items
    )
    assert stored == {8: 3}
    assert [each.sku_id for each in result.refused] == [7, 9, 8]
    assert result.refused[0] == Refused(
        7, "50", items[7], "Sold in 12s, 48 minimum. Choose 48 or 60.", (48, 60)
    )
    assert result.refused[1].message == GONE
    assert result.has_changed


def test_the_same_sku_twice_adds_up():
    result, stored = run([Addition(7, "48"), Addition(7, "12")])
    assert stored == {7: 60}
    assert [each.in_cart for each in result.added] == [48, 60]


def test_without_a_number_the_least_is_added_once():
    result, stored = run([Addition(7)])
    assert (stored, result.added[0].quantity) == ({7: 48}, 48)
    result, stored = run([Addition(7)], {7: 60})
    assert (stored, result.added[0]) == ({7: 60}, Added(7, "Lavender soap", 0, 60))
    assert not result.has_changed


BADGE = CartBadge(5, Money(41200))
SOAP = Added(7, "Lavender soap", 12, 60)


@pytest.mark.parametrize(
    "result, badge, words",
    [
        (AddedItems((SOAP,)), BADGE, "12 × Lavender soap added. Cart: 5 items, $412.00"),
        (AddedItems((SOAP,)), CartBadge(1), "12 × Lavender soap added. List: 1 item"),
        (AddedItems((SOAP, SOAP)), BADGE, "2 items added. Cart: 5 items, $412.00"),
        (
            AddedItems((Added(7, "Lavender soap", 0, 60),)),
            BADGE,
            "Lavender soap was there already. Cart: 5 items, $412.00",
        ),
        (AddedItems((), (Refused(7, "5", soap(), "Choose 12."),)), BADGE, "Lavender soap: Choose 12."),
        (AddedItems((), (Refused(7, "5", None, GONE),)), BADGE, GONE),
        (
            AddedItems((SOAP,), (Refused(7, "5", None, GONE), Refused(8, "5", None, GONE))),
            BADGE,
            "12 × Lavender soap added. 2 items could not be added. Cart: 5 items, $412.00",
        ),
        (AddedItems(), BADGE, NOTHING_FILLED),
    ],
)
def test_what_happened_is_said(result, badge, words):
    assert say_added(result, badge) == words


def test_changes_and_removals_are_said():
    assert say_changed(Changed("Lavender soap", 1_200)) == "Lavender soap: 1,200 now."
    assert say_removed(Removed(7, "Lavender soap", 12)) == "Lavender soap removed."
