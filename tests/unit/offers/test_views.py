"""What cards and rows say about packs, prices and stock."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.catalog.models import Product, Sku
from app.inventory.words import StockFacts
from app.offers.build import build_card, build_offer, build_row
from app.offers.views import Offer, ProductCard
from app.pricing.tiers import Break
from app.shared.money import Money

TODAY = date(2026, 11, 20)
PRODUCT = Product(id=1, name="Candle", slug="candle", brand="")


def sku(**values: Any) -> Sku:
    facts = {
        "id": 1,
        "code": "C-1",
        "barcode": "",
        "options": {},
        "price_cents": Money(340),
        "weight_grams": 0,
    }
    return Sku(**{"case_pack": 12, "minimum_quantity": 12, **facts, **values})


def offer(of: Sku, *breaks: Break, available: int = 100) -> Offer:
    return build_offer(of, breaks, StockFacts(available, low_at=24), TODAY)


def card(*offers: Offer | None, **values: Any) -> ProductCard:
    rows = [build_row(PRODUCT, sku(id=number, **values), [], each) for number, each in enumerate(offers)]
    return build_card(PRODUCT, rows, [])


def test_an_offer_tells_unit_case_and_next_price() -> None:
    found = offer(sku(), Break(48, Money(310)))
    assert (found.unit_price, found.case_price, found.list_price) == (Money(340), Money(4080), None)
    assert found.break_hint == "48+ $3.10"
    assert found.next_words == "Add 36 more for $3.10 each"


def test_a_price_of_the_buyers_own_list_names_the_list_price_too() -> None:
    found = offer(sku(case_pack=1, minimum_quantity=1), Break(1, Money(300)))
    assert (found.unit_price, found.case_price, found.list_price) == (Money(300), None, Money(340))
    assert found.break_hint == ""


def test_a_card_of_several_options_starts_at_the_cheapest() -> None:
    shown = card(offer(sku()), offer(sku(price_cents=Money(200))))
    assert shown.cheapest is not None
    assert shown.cheapest.unit_price == Money(200)
    assert not shown.is_one_price
    assert shown.only_row is None


def test_a_card_says_stock_only_where_all_options_agree() -> None:
    assert card(offer(sku()), offer(sku())).stock == ("In stock", "good")
    assert card(offer(sku()), offer(sku(), available=3)).stock == ("Stock differs by option", "quiet")


def test_a_card_without_offers_knows_neither_price_nor_stock() -> None:
    shown = card(None, None)
    assert (shown.cheapest, shown.stock, shown.rows[0].offer) == (None, None, None)


def test_a_product_without_skus_has_a_card_that_offers_nothing() -> None:
    shown = card()
    assert (shown.cheapest, shown.stock, shown.only_row, shown.pack_words) == (None, None, None, "")


def test_packs_are_said_once_where_they_agree() -> None:
    assert card(None, None).pack_words == "Case of 12"
    assert card(None, case_pack=1).pack_words == "Sold singly"


def test_facts_leave_out_what_is_not_known() -> None:
    row = build_row(PRODUCT, sku(weight_grams=113), [], None)
    assert row.facts == [
        ("SKU", "C-1"),
        ("Pack", "Case of 12"),
        ("Quantities", "Sold in 12s"),
        ("Weight", "4 oz each"),
    ]
