"""What the engines are given: plain terms, and never what somebody typed."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalog.search_engines import boolean_mode, match_words
from app.catalog.search_words import Indexed, ask_for_anything, ask_for_names, fold, index_words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Crème BRÛLÉE", "creme brulee"),
        ("Straße", "strasse"),
        ("Øre  Łódź", "ore lodz"),
        ("茶", "茶"),
        ("", ""),
    ],
)
def test_case_and_accents_are_folded_away(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_product_is_indexed_by_name_brand_summary_codes_and_category() -> None:
    words = index_words(Indexed("T-shirt", "Harbor", "Soft cotton", 7, ("TS-0042", "ABC")))
    assert words.split() == [
        "g_7",
        *("n_t", "n_shirt", "n_tshirt", "n_harbor"),
        *("a_t", "a_shirt", "a_tshirt", "a_harbor", "a_soft", "a_cotton"),
        *("c_0042", "c_ts0042"),
    ]


def test_words_stay_within_what_a_column_holds_and_end_whole() -> None:
    codes = tuple(f"PART-{number:06}-{'X' * 20}" for number in range(4000))
    words = index_words(Indexed("Parts", "", "", 1, codes))
    assert 59_000 < len(words) <= 60_000
    assert re.fullmatch(r"c_(part)?\d{6}(x{20})?", words.split()[-1])


def test_the_question_is_said_in_each_engine_s_own_way() -> None:
    wanted = ask_for_anything("T-shirts harbor", {7: "Clothing Harbor wear"}, 5)
    assert boolean_mode(wanted) == "+(a_tshirt* (+a_t +a_shirt*)) +(a_harbor* g_7)"
    assert match_words(wanted) == "(a_tshirt* OR (a_t AND a_shirt*)) AND (a_harbor* OR g_7)"


def test_only_so_many_categories_count_for_a_word() -> None:
    [ways] = ask_for_anything("shelf", {number: f"Shelf {number}" for number in range(90)}, 5)
    assert sum(term.text.startswith("g_") for way in ways for term in way) == 5


@given(st.text(max_size=120))
def test_whatever_is_typed_becomes_terms_of_letters_digits_and_underscores(text: str) -> None:
    for wanted in (ask_for_names(text), ask_for_anything(text, {1: "Soap"}, 5)):
        assert len(wanted) <= 6
        for term in (term for ways in wanted for way in ways for term in way):
            assert re.fullmatch(r"[nacg]_[a-z0-9_]{1,78}", term.text)


@given(st.text(max_size=60), st.text(max_size=60))
def test_every_word_of_a_name_finds_it_by_what_it_begins_with(name: str, more: str) -> None:
    """Terms asked for are beginnings of terms indexed: what no engine can get wrong."""
    indexed = index_words(Indexed(f"{name} {more}", "", "", 1, ())).split()
    for ways in ask_for_names(name):
        assert any(all(_is_there(term.text, term.is_prefix, indexed) for term in way) for way in ways)


def _is_there(text: str, is_prefix: bool, indexed: list[str]) -> bool:
    return any(word.startswith(text) if is_prefix else word == text for word in indexed)
