"""Both full-text engines are held to one table of what is found, and to never failing whatever is typed."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.catalog.models import Product
from app.catalog.search import search_products
from app.extensions import db

FOUND = [
    # words, whole and begun, in any order and case
    ("lavender", ["Lavender candle", "Lavender soap"]),
    ("SOAP lavender", ["Lavender soap"]),
    ("coff", ["Coffee & tea set"]),
    ("cof te", ["Coffee & tea set"]),
    ("offee", []),
    ("lavender mug", []),
    ("lavender lavender", ["Lavender candle", "Lavender soap"]),
    # more of them
    ("mugs", ["Enamel mug 100%", "Enamel mug 1000"]),
    ("soaps", ["Lavender soap"]),
    ("boxes", ["Boxed matches", "Salt box", "茶叶 green box"]),
    # a brand, a summary, a category and the one above it
    ("harbor", ["Lavender soap"]),
    ("harbor soap", ["Lavender soap"]),
    ("cbkelp", ["Coffee & tea set"]),
    ("clothing", ["T-shirt, size L", "The Who of it", "Women’s cap"]),
    ("kitchen lavender", ["Lavender candle", "Lavender soap"]),
    ("cloth case shirt", ["T-shirt, size L"]),
    # sku and barcode
    ("hp-1204", ["Lavender soap"]),
    ("HP-12", ["Lavender candle", "Lavender soap"]),
    ("hp12", ["Lavender candle", "Lavender soap"]),
    ("hp 12", ["Lavender candle", "Lavender soap"]),
    ("cb-12", ["Coffee & tea set"]),
    ("1204", ["Lavender soap"]),
    ("lavender hp1204", ["Lavender soap"]),
    ("candle hp1204", []),
    ("cb", ["Coffee & tea set"]),
    ("c_cb12", []),
    ("ts-0042", ["T-shirt, size L"]),
    ("ts0042l", ["T-shirt, size L"]),
    ("cap.5/8", ["Women’s cap"]),
    ("0036000291452", ["Lavender soap"]),
    ("0036000 291452", ["Lavender soap"]),
    ("003600", ["Lavender soap"]),
    # accents, letters people cannot type, other scripts
    ("creme brulee", ["Crème brûlée torch"]),
    ("CRÈME", ["Crème brûlée torch"]),
    ("bjorn", ["Bjørn's Œuf cup"]),
    ("bjørns", ["Bjørn's Œuf cup"]),
    ("oeuf cup", ["Bjørn's Œuf cup"]),
    ("茶", ["茶叶 green box"]),
    ("叶", []),
    ("САМОВАР", ["Чайник самовар"]),
    ("чай", ["Чайник самовар"]),
    ("ｓｏａｐ", ["Lavender soap"]),
    # hyphens, apostrophes, short words, and words a database would leave out
    ("t-shirt", ["T-shirt, size L"]),
    ("tshirts", ["T-shirt, size L"]),
    ("t shirt", ["T-shirt, size L"]),
    ("shirt l", ["T-shirt, size L"]),
    ("womens cap", ["Women’s cap"]),
    ("women's", ["Women’s cap"]),
    ("the", ["The Who of it"]),
    ("of it", ["The Who of it"]),
    ("a", ["A"]),
    ("z", []),
    # signs are signs, never orders to the database
    ("100%", ["Enamel mug 100%", "Enamel mug 1000"]),
    ("mug_", ["Enamel mug 100%", "Enamel mug 1000"]),
    ("box_1", ["Salt box"]),
    ("+lavender -soap", ["Lavender soap"]),
    ("lavender NOT soap", []),
    ("lavender OR mug", []),
    ('"soap lavender"', ["Lavender soap"]),
    ("lav*", ["Lavender candle", "Lavender soap"]),
    ("*", []),
    ("%", []),
    ("_", []),
    ("\\", []),
    ('"', []),
    ("((((", []),
    ("n_lavender", []),
    ("words:lavender", []),
    ("lavender NEAR(soap, 2)", []),
    ("'; DROP TABLE product_search; --", []),
    ("\x00soap\x00", ["Lavender soap"]),
    ("x" * 5000, []),
    ("", []),
    (" \t ", []),
]


def names_of(text: str) -> list[str]:
    found = search_products(text, 1).ids
    rows = {row.id: row.name for row in db.session.scalars(db.select(Product).where(Product.id.in_(found)))}
    return [rows[each] for each in found]


@pytest.mark.parametrize(("text", "names"), FOUND, ids=[repr(text[:20]) for text, _ in FOUND])
def test_what_is_typed_finds(shelves: Flask, text: str, names: list[str]) -> None:
    assert names_of(text) == names


def test_the_exact_sku_comes_first_then_skus_that_begin_so_then_names_that_do_then_other_names(
    shelves: Flask,
) -> None:
    assert names_of("MUG") == names_of("mugs") == ["Enamel mug 100%", "Enamel mug 1000"]
    assert names_of("mugx-1") == ["Enamel mug 1000"]
    assert names_of("box") == ["Salt box", "Boxed matches", "茶叶 green box"]


# Letters, signs both engines know as operators, controls, and words that are in the shop.
SIGNS = st.sampled_from(list("+-<>()~*\"'@:^{}%_\\/,;.&|!? \x00\t\n\u200b\u0301\ufeff"))
PIECES = st.one_of(
    st.text(max_size=8),
    st.text(SIGNS, max_size=4),
    st.sampled_from(
        ["lavender", "soap", "AND", "OR", "NOT", "NEAR(a b)", "a_", "n_soap", "*", "MUG-1", "😀", "ß"]
    ),
)


@given(st.lists(PIECES, max_size=9), st.booleans())
@example(["lavender", "*"], False)
@example(["a" * 200, "9" * 90], True)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_that_can_be_typed_fails_or_changes_anything(
    shelves: Flask, pieces: list[str], apart: bool
) -> None:
    found = search_products((" " if apart else "").join(pieces), 1)
    assert found.count == len(found.ids) <= 15
    db.session.rollback()


@given(st.lists(SIGNS, min_size=1, max_size=6).map("".join))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_signs_before_a_word_do_not_change_what_it_finds(shelves: Flask, signs: str) -> None:
    assert set(names_of(f"{signs} lavender")) == {"Lavender candle", "Lavender soap"}
