"""A listing as its fragment shows it: cards or rows, the page, and the addresses of every other way to look at it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from app.businesses.access import Viewer
from app.catalog.queries import PageOfIds, Sort
from app.offers.views import ProductCard
from app.shared.status import LabelEnum


class View(LabelEnum):
    CARDS = "cards", "Cards"
    TABLE = "table", "Table"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the visitor chose: how to sort, which page, and cards or table."""

    sort: Sort
    page: int
    view: View


@dataclass(frozen=True, slots=True)
class Listing:
    """`place` is what url_for needs to come back here; `sorts` is empty where the order is not the visitor's choice."""

    cards: tuple[ProductCard, ...]
    found: PageOfIds
    choices: Choices
    sorts: tuple[Sort, ...]
    endpoint: str
    place: Mapping[str, Any]

    @property
    def views(self) -> type[View]:
        """The ways to look at it."""
        return View

    @property
    def count_words(self) -> str:
        """ "24 products", "1 product", "More than 240 products"."""
        noun = "product" if self.found.count == 1 else "products"
        more = "More than " if self.found.is_cut else ""
        return f"{more}{self.found.count:,} {noun}"

    @property
    def url(self) -> str:
        """Its address as it is now, without the view: that is remembered, and need not be in links people send."""
        return self._address(self.choices)

    @property
    def action(self) -> str:
        """Where the sort form goes; it brings the rest itself."""
        return url_for(self.endpoint, **_path_only(self.place))

    @property
    def query_fields(self) -> dict[str, Any]:
        """What the sort form takes along in hidden fields."""
        return {name: value for name, value in self.place.items() if name == "q"}

    def page_url(self, page: int) -> str:
        return self._address(replace(self.choices, page=page))

    def view_url(self, view: View) -> str:
        return self._address(self.choices, view=view.value)

    def _address(self, choices: Choices, **more: str) -> str:
        args: dict[str, Any] = {**self.place, **more}
        if choices.sort is not Sort.POSITION:
            args["sort"] = choices.sort.value
        if choices.page > 1:
            args["page"] = choices.page
        return url_for(self.endpoint, **args)


def read_choices(args: Mapping[str, str], remembered: str | None, viewer: Viewer) -> Choices:
    """From the address, then the view of last time, then what suits the viewer; whatever is none of the choices counts as
    absent.

    Ordering by price tells prices, so only those who see them may.
    """
    sort = _pick(Sort, args.get("sort"), Sort.POSITION)
    if sort is Sort.PRICE and not viewer.sees_prices:
        sort = Sort.POSITION
    fallback = View.TABLE if viewer.sees_prices else View.CARDS
    view = _pick(View, args.get("view"), _pick(View, remembered, fallback))
    return Choices(sort, _read_page(args.get("page", "")), view)


def sorts_for(viewer: Viewer) -> tuple[Sort, ...]:
    """The orders this viewer may choose."""
    return tuple(sort for sort in Sort if sort is not Sort.PRICE or viewer.sees_prices)


def _pick(choices: type[LabelEnum], text: str | None, otherwise: Any) -> Any:
    return next((choice for choice in choices if choice.value == text), otherwise)


def _read_page(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def _path_only(place: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in place.items() if name != "q"}
