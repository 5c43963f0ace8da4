"""Why an order cannot be placed yet: each reason with a sentence and the place where it is put right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from app.catalog.quantities import check_quantity, largest_right_within
from app.pricing.minimums import OrderMinimum
from app.pricing.wanted import Wanted
from app.shared.errors import Violation


def check_goods(items: tuple[Wanted, ...], is_approved: bool, minimum: OrderMinimum) -> tuple[Violation, ...]:
    """What is wrong with who buys and what is bought; where nothing is in the cart that alone is said of the goods."""
    found = [] if is_approved else [_not_approved()]
    if not items:
        empty = Violation("empty_cart", "Your cart is empty.", "Browse products", "catalog.index")
        return (*found, empty)
    found.extend(_check_items(items))
    if minimum.violation:
        found.append(minimum.violation)
    return tuple(found)


def check_delivery(*, has_method: bool, is_pickup: bool, has_place: bool) -> tuple[Violation, ...]:
    """What is still unknown about how and where the goods go."""
    found = []
    if not has_method:
        words = "Choose how the order should reach you."
        found.append(Violation("missing_shipping_method", words, "Choose shipping", "checkout.delivery"))
    if is_pickup and not has_place:
        words = "Pickup is not possible right now: choose another way to get your order."
        found.append(Violation("pickup_unavailable", words, "Choose shipping", "checkout.delivery"))
    elif not has_place:
        words = "Choose the address it should go to."
        found.append(Violation("missing_address", words, "Choose an address", "checkout.delivery"))
    return tuple(found)


def _not_approved() -> Violation:
    words = "Your business is not approved for ordering."
    return Violation("not_approved", words, "See where it stands", "businesses.status")


def _check_items(items: Iterable[Wanted]) -> Iterator[Violation]:
    for item in items:
        found = _check_item(item)
        if found:
            yield found


def _check_item(item: Wanted) -> Violation | None:
    """The first thing wrong with a line: no use in asking for another quantity of what is not sold."""
    if not item.is_sold:
        words = f"{item.name} ({item.code}) is no longer sold."
        return Violation("not_sold", words, "Remove it", "carts.show", item.code)
    problem = check_quantity(item.quantity, item.case_pack, item.minimum_quantity)
    if problem:
        words = f"{item.name}: {item.quantity:,} cannot be ordered. {problem.message}"
        return Violation(problem.code, words, "Change the quantity", "carts.show", item.code)
    if item.quantity > item.available:
        return _not_enough(item)
    return None


def _not_enough(item: Wanted) -> Violation:
    most = largest_right_within(item.available, item.case_pack, item.minimum_quantity)
    if most:
        words = f"Only {item.available:,} of {item.name} are left; you can order up to {most:,}."
        return Violation("not_enough_stock", words, "Change the quantity", "carts.show", item.code)
    left = f"Only {item.available:,} of {item.name} are left, too few to order." if item.available else ""
    words = left or f"{item.name} is out of stock."
    return Violation("not_enough_stock", words, "Remove it", "carts.show", item.code)
