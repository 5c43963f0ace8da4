"""Addresses made from names."""

from __future__ import annotations

import pytest

from app.catalog.search_words import clean
from app.catalog.slugs import make_slug


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Bougie & Cire, 8 oz", "bougie-cire-8-oz"),
        ("Crème brûlée", "creme-brulee"),
        ("  --  ", ""),
        ("茶", ""),
        ("a" * 200, "a" * 20),
        ("nineteen letters xx yy", "nineteen-letters-xx"),
    ],
)
def test_a_name_becomes_an_address(text: str, slug: str) -> None:
    assert make_slug(text, 20) == slug


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [("  two\t words ", "two words"), ("\x00a\u200b", "a"), ("x" * 300, "x" * 100), ("ＨＰ", "HP")],
)
def test_what_is_searched_for_is_made_plain(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned
