"""Stock as a buyer reads it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.inventory.words import NO_STOCK, StockFacts, StockWords, describe_stock

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "stock, text, tone",
    [
        (StockFacts(100, low_at=24), "In stock", "good"),
        (StockFacts(25, low_at=24), "In stock", "good"),
        (StockFacts(24, low_at=24), "24 left", "notice"),
        (StockFacts(1_200, low_at=2_000), "1,200 left", "notice"),
        (StockFacts(1, low_at=0), "In stock", "good"),
        (StockFacts(0, low_at=24, back_on=date(2026, 12, 4)), "Back about Dec 4", "wait"),
        (StockFacts(0, low_at=24, back_on=TODAY), "Back about Nov 20", "wait"),
        (StockFacts(0, low_at=24, back_on=date(2027, 7, 1)), "Back about Jul 1, 2027", "wait"),
        (StockFacts(0, low_at=24, back_on=TODAY - timedelta(days=1)), "Out of stock", "quiet"),
        (StockFacts(5, low_at=24, back_on=date(2026, 12, 4)), "5 left", "notice"),
        (NO_STOCK, "Out of stock", "quiet"),
    ],
)
def test_stock_in_words(stock, text, tone):
    assert describe_stock(stock, TODAY) == StockWords(text, tone)


@given(
    st.integers(0, 10_000), st.integers(0, 10_000), st.none() | st.dates(date(2026, 1, 1), date(2028, 1, 1))
)
def test_what_is_there_is_never_called_out_of_stock(available, low_at, back_on):
    words = describe_stock(StockFacts(available, low_at, back_on), TODAY)
    assert (words.text == "Out of stock" or words.text.startswith("Back about")) == (available == 0)
