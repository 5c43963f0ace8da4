"""What somebody wants to put into a cart or on a list, and what became of it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from app.carts.item import CartItem, require_addable
from app.catalog.quantities import WrongQuantity, parse_quantity, smallest_right
from app.shared.errors import AppError, NotFound

GONE = "We do not have this item, or no longer."


@dataclass(frozen=True, slots=True)
class Addition:
    """A sku and how many of it as typed; None stands for the least that can be ordered, once."""

    sku_id: int
    typed: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What went in: the units added (0: it was there already), and how many of it there are now."""

    sku_id: int
    name: str
    quantity: int
    in_cart: int


@dataclass(frozen=True, slots=True)
class Refused:
    """What did not go in, why, and the right quantities beside the one typed. `item` is None for an unknown sku."""

    sku_id: int
    typed: str
    item: CartItem | None
    message: str
    nearest: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class AddedItems:
    added: tuple[Added, ...] = ()
    refused: tuple[Refused, ...] = ()

    @property
    def has_changed(self) -> bool:
        return any(each.quantity for each in self.added)


@dataclass(slots=True)
class Adding:
    """A cart or list while things are put into it. `put` stores the new quantity of an item and may refuse with AppError."""

    items: Mapping[int, CartItem]
    quantities: dict[int, int]
    put: Callable[[CartItem, int], None]
    knows_stock: bool
    added: list[Added] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def add_all(self, additions: Sequence[Addition]) -> AddedItems:
        """Add each that can be added; those with trouble keep nobody else out."""
        for addition in additions:
            item = self.items.get(addition.sku_id)
            try:
                self.added.append(self._add(addition, item))
            except AppError as refusal:
                nearest = refusal.nearest if isinstance(refusal, WrongQuantity) else ()
                typed = addition.typed or ""
                self.refused.append(Refused(addition.sku_id, typed, item, refusal.message, nearest))
        return AddedItems(tuple(self.added), tuple(self.refused))

    def _add(self, addition: Addition, item: CartItem | None) -> Added:
        if item is None:
            raise NotFound(GONE)
        in_cart = self.quantities.get(item.sku_id, 0)
        if addition.typed is None:
            quantity = max(smallest_right(item.case_pack, item.minimum_quantity) - in_cart, 0)
        else:
            quantity = parse_quantity(addition.typed)
        if quantity or addition.typed is not None:
            require_addable(item, in_cart, quantity, addition.typed or "", knows_stock=self.knows_stock)
            self.put(item, in_cart + quantity)
            self.quantities[item.sku_id] = in_cart + quantity
        return Added(item.sku_id, item.name, quantity, in_cart + quantity)
