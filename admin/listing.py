"""What a list shows beside its rows: ready-made lists, filter fields, chips, and which columns are figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for
from sqlalchemy import ColumnElement, Integer, Numeric, inspect

from admin.filters import RowFilter
from app.shared import clock
from app.shared.columns import Cents


@dataclass(frozen=True)
class Shortcut:
    """A ready-made list with an address of its own (`?show=to_ship`)."""

    name: str
    condition: Callable[[datetime], ColumnElement[bool]]


@dataclass(frozen=True)
class FilterField:
    name: str
    label: str
    kind: str
    value: str
    options: list[tuple[str, str]]


@dataclass(frozen=True)
class Chip:
    words: str
    url: str


def shortcut_condition(shortcuts: dict[str, Shortcut]) -> ColumnElement[bool] | None:
    """The condition of the ready-made list the address asks for, if it asks for one."""
    chosen = shortcuts.get(request.args.get("show", ""))
    return chosen.condition(clock.now()) if chosen else None


def shortcut_links(shortcuts: dict[str, Shortcut], endpoint: str) -> list[tuple[str, str]]:
    if not shortcuts:
        return []
    links = [("All", url_for(endpoint))]
    return links + [(each.name, url_for(endpoint, show=key)) for key, each in shortcuts.items()]


def filter_fields(view: Any, active: list[tuple[int, str, str]] | None) -> list[FilterField]:
    """One field for every filter of the view, holding what the address holds."""
    held = {index: value for index, _name, value in active or []}
    return [
        FilterField(
            name=f"flt{index}_{view.get_filter_arg(index, each)}",
            label=f"{each.name} {each.operation()}",
            kind="date" if each.data_type == "date" else "text",
            value=held.get(index, ""),
            options=_options(view, each),
        )
        for index, each in enumerate(view._filters or [])
    ]


def filter_chips(view: Any, active: list[tuple[int, str, str]] | None) -> list[Chip]:
    """What the list is narrowed to, each with the address of the list without it."""
    chips = []
    for index, name, value in active or []:
        each = view._filters[index]
        words = dict(_options(view, each)).get(value, value)
        gone = {f"flt{index}_{view.get_filter_arg(index, each)}", "page"}
        kept = {key: given for key, given in request.args.items() if not _same_filter(key, gone)}
        chips.append(Chip(f"{name} {each.operation()} {words}", _address(kept)))
    if request.args.get("search"):
        kept = {key: given for key, given in request.args.items() if key not in {"search", "page"}}
        chips.append(Chip(f"“{request.args['search']}”", _address(kept)))
    return chips


def _address(arguments: dict[str, str]) -> str:
    given: dict[str, Any] = dict(arguments)
    return url_for(".index_view", **given)


def _same_filter(key: str, gone: set[str]) -> bool:
    """Flask-Admin numbers filters by their place in the address; the words after the underscore name the filter."""
    return key in gone or any(
        key.startswith("flt") and key.partition("_")[2] == each.partition("_")[2] for each in gone
    )


def _options(view: Any, each: Any) -> list[tuple[str, str]]:
    if isinstance(each, RowFilter):
        return each.current_options()
    return list(each.get_options(view) or [])


def number_columns(model: Any) -> frozenset[str]:
    """Columns that are amounts or counts, and so stand right-aligned."""
    return frozenset(
        attribute.key
        for attribute in inspect(model).column_attrs
        if isinstance(attribute.columns[0].type, Cents | Integer | Numeric)
        and not attribute.columns[0].foreign_keys
        and not attribute.columns[0].primary_key
    )
