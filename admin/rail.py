"""The rail at the left: the views this person may open, in groups, with the number of what waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_admin.helpers import get_current_view

from admin.work import get_work

# The groups of the rail, in its order. A view names one as its `category`.
SALES = "Sales"
BUYERS = "Buyers"
CATALOGUE = "Catalog"
SHOP = "Shop"
BEHIND = "Behind the scenes"
GROUPS = (SALES, BUYERS, CATALOGUE, SHOP, BEHIND)


@dataclass(frozen=True)
class RailLink:
    name: str
    url: str
    is_here: bool
    count: int


@dataclass(frozen=True)
class RailGroup:
    name: str
    links: list[RailLink]


def build_rail(admin: Any) -> list[RailGroup]:
    """Groups with at least one view this person may open; home stands above them, without a group."""
    here = get_current_view()
    work = get_work()
    groups: dict[str, list[RailLink]] = {"": [], **{name: [] for name in GROUPS}}
    for view in admin._views:
        if view.is_accessible() and view.is_visible():
            link = RailLink(
                str(view.name), view.get_url(f"{view.endpoint}.{view._default_view}"), view is here,
                work.get(view.work_tile, 0),
            )  # fmt: skip
            groups[view.category or ""].append(link)
    return [RailGroup(name, links) for name, links in groups.items() if links]
