"""What is said aloud, and in a line at the top of the page, after the cart changed. Pure."""

from __future__ import annotations

from app.carts.additions import AddedItems
from app.carts.badge import CartBadge
from app.carts.change_quantity import Changed
from app.carts.remove_line import Removed

NOTHING_FILLED = "Fill in how many you want of at least one item."


def say_added(result: AddedItems, badge: CartBadge) -> str:
    """ "12 × Lavender soap added. Cart: 5 items, $412.00", or what went wrong."""
    added = [each for each in result.added if each.quantity]
    parts = []
    if len(added) == 1:
        parts.append(f"{added[0].quantity:,} × {added[0].name} added.")
    elif added:
        parts.append(f"{len(added)} items added.")
    elif result.added:
        parts.append(f"{result.added[0].name} was there already.")
    if len(result.refused) == 1:
        parts.append(_say_refused(result))
    elif result.refused:
        parts.append(f"{len(result.refused)} items could not be added.")
    if not parts:
        return NOTHING_FILLED
    return " ".join([*parts, badge.words] if result.added else parts)


def say_changed(changed: Changed) -> str:
    """ "Lavender soap: 24 now." """
    return f"{changed.name}: {changed.quantity:,} now."


def say_removed(removed: Removed) -> str:
    """ "Lavender soap removed." """
    return f"{removed.name} removed."


def _say_refused(result: AddedItems) -> str:
    refused = result.refused[0]
    name = f"{refused.item.name}: " if refused.item else ""
    return f"{name}{refused.message}"
