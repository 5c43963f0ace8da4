"""Stock as a buyer reads it. Only people who may see prices are ever told; everybody else learns nothing of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# Beyond half a year "Mar 4" alone would leave the year to guesswork.
_NAME_THE_YEAR_AFTER_DAYS = 180


@dataclass(frozen=True, slots=True)
class StockFacts:
    """A sku's stock as the words need it: units available, the mark at which few are left, when more are expected."""

    available: int = 0
    low_at: int = 0
    back_on: date | None = None


NO_STOCK = StockFacts()


@dataclass(frozen=True, slots=True)
class StockWords:
    """The same word on list, product, cart and mail, and its tone: good, notice, wait or quiet."""

    text: str
    tone: str


def describe_stock(stock: StockFacts, today: date) -> StockWords:
    """ "In stock", "18 left", "Back about Dec 4", or "Out of stock"; a date that has passed promises nothing."""
    if stock.available > stock.low_at:
        return StockWords("In stock", "good")
    if stock.available > 0:
        return StockWords(f"{stock.available:,} left", "notice")
    if stock.back_on and stock.back_on >= today:
        return StockWords(f"Back about {_day(stock.back_on, today)}", "wait")
    return StockWords("Out of stock", "quiet")


def _day(day: date, today: date) -> str:
    far = (day - today).days > _NAME_THE_YEAR_AFTER_DAYS
    return f"{day:%b} {day.day}, {day.year}" if far else f"{day:%b} {day.day}"
