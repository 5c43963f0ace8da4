"""The list of someone who is not signed in: sku ids and quantities in the signed session, and nothing else.

It holds no price and no stock figure. It becomes part of the buyer's cart at sign-in (merge_guest_list.py).
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

from app.carts.additions import GONE, AddedItems, Adding, Addition
from app.carts.change_quantity import Changed, ChangeQuantity
from app.carts.item import CartItem, require_changeable
from app.carts.remove_line import Removed
from app.carts.wanted import list_items_of
from app.catalog.quantities import MOST_UNITS
from app.shared.errors import AppError, NotFound

KEY = "wanted"
# The session is a cookie of at most 4 kB; fifty lines need about one of them.
MOST_LINES = 50

Session = MutableMapping[str, Any]


class ListFull(AppError):
    """The guest's list holds as much as it can."""

    def __init__(self) -> None:
        super().__init__(
            f"Your list holds {MOST_LINES} items, as many as it can. Open an account to keep more."
        )


def read_list(session: Mapping[str, Any]) -> dict[int, int]:
    """Quantities by sku id in the order they were added; whatever is malformed is left out."""
    found: dict[int, int] = {}
    stored = session.get(KEY)
    for entry in stored if isinstance(stored, list) else []:
        if isinstance(entry, list | tuple) and len(entry) == 2 and all(type(each) is int for each in entry):
            sku_id, quantity = entry
            if sku_id > 0 and 0 < quantity <= MOST_UNITS:
                found[sku_id] = quantity
    return dict(list(found.items())[:MOST_LINES])


def clear_list(session: Session) -> None:
    """Forget the list, once it is in the cart."""
    session.pop(KEY, None)


def add_to_list(session: Session, additions: Sequence[Addition]) -> AddedItems:
    """Add each that can be added, by the same rules as a cart, but for stock, which a guest knows nothing of."""
    items = {item.sku_id: item for item in list_items_of({each.sku_id: 1 for each in additions})}

    def put(item: CartItem, quantity: int) -> None:
        _set(session, item.sku_id, quantity)

    return Adding(items, read_list(session), put, knows_stock=False).add_all(additions)


def change_in_list(session: Session, command: ChangeQuantity) -> Changed:
    """Change how many of a sku (the line's id is the sku's); WrongQuantity and NotFound as for a cart."""
    item = _get_item(session, command.line_id)
    require_changeable(item, command.quantity, command.typed, knows_stock=False)
    _set(session, item.sku_id, command.quantity)
    return Changed(item.name, command.quantity)


def remove_from_list(session: Session, sku_id: int) -> Removed:
    """Take a sku off the list; what it was comes back, so that it can be put on again."""
    item = _get_item(session, sku_id)
    _set(session, sku_id, 0)
    return Removed(sku_id, item.name, item.quantity)


def restore_to_list(session: Session, sku_id: int, quantity: int) -> str:
    """Put a sku on the list again; returns its name."""
    items = list_items_of({sku_id: quantity})
    if not items or not 1 <= quantity <= MOST_UNITS:
        raise NotFound(GONE)
    if sku_id not in read_list(session):
        _set(session, sku_id, quantity)
    return items[0].name


def _get_item(session: Session, sku_id: int) -> CartItem:
    quantity = read_list(session).get(sku_id)
    items = list_items_of({sku_id: quantity}) if quantity else []
    if not items:
        raise NotFound("This is no longer on your list.")
    return items[0]


def _set(session: Session, sku_id: int, quantity: int) -> None:
    quantities = read_list(session)
    if quantity <= 0:
        quantities.pop(sku_id, None)
    elif sku_id not in quantities and len(quantities) >= MOST_LINES:
        raise ListFull
    else:
        quantities[sku_id] = quantity
    session[KEY] = [[sku, units] for sku, units in quantities.items()]
