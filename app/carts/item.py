"""One line of a cart with what is known of its sku now, and what may be done with its quantity. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalog.pictures import Picture
from app.catalog.quantities import (
    MOST_UNITS,
    WrongQuantity,
    check_quantity,
    largest_right_within,
    nearest_right,
    rule_in_words,
)
from app.inventory.words import StockFacts
from app.shared.errors import AppError
from app.shared.money import Money


class NotSold(AppError):
    """The sku is no longer sold."""

    def __init__(self, name: str):
        super().__init__(f"{name} is no longer sold, so it cannot be added.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CartItem:
    """A line with its sku's present facts; `list_price` is still without the buyer's breaks."""

    line_id: int
    sku_id: int
    product_id: int
    slug: str
    quantity: int
    seen_price: Money | None
    code: str
    product_name: str
    options_label: str
    list_price: Money
    case_pack: int
    minimum_quantity: int
    is_taxable: bool
    is_sold: bool
    stock: StockFacts
    picture: Picture | None = None

    @property
    def name(self) -> str:
        """ "Lavender soap, 8 oz"."""
        return f"{self.product_name}, {self.options_label}" if self.options_label else self.product_name


def require_addable(item: CartItem, in_cart: int, quantity: int, typed: str, *, knows_stock: bool) -> None:
    """Raise WrongQuantity or NotSold unless so many more units can join those in the cart already.

    What must be right is the sum: with 48 in the cart, 12 more are fine even where the minimum is 48. Stock is looked
    at only for those who may know it; for anyone else the refusal itself would tell.
    """
    if not item.is_sold:
        raise NotSold(item.name)
    if quantity < 1:
        raise WrongQuantity("Enter how many you want, like 48.", typed, _first_step(item, in_cart))
    total = in_cart + quantity
    problem = check_quantity(total, item.case_pack, item.minimum_quantity)
    if problem is None:
        if knows_stock:
            _require_stock(item, in_cart, total, typed)
        return
    nearest = tuple(right - in_cart for right in problem.nearest if right > in_cart)
    message = problem.message
    if in_cart and problem.code != "too_many":
        rule = rule_in_words(item.case_pack, item.minimum_quantity)
        choices = " or ".join(f"{right:,}" for right in nearest)
        message = f"{rule}. You have {in_cart:,} in your cart: add {choices}."
    raise WrongQuantity(message, typed, nearest)


def require_changeable(item: CartItem, quantity: int, typed: str, *, knows_stock: bool) -> None:
    """Raise WrongQuantity unless the line can hold exactly so many units."""
    problem = check_quantity(quantity, item.case_pack, item.minimum_quantity)
    if problem:
        raise WrongQuantity(problem.message, typed, problem.nearest)
    if knows_stock:
        _require_stock(item, 0, quantity, typed)


def _first_step(item: CartItem, in_cart: int) -> tuple[int, ...]:
    """The fewest units that can be added, as the one thing to offer."""
    _, above = nearest_right(in_cart + 1, item.case_pack, item.minimum_quantity)
    return (above - in_cart,) if above is not None and above <= MOST_UNITS else ()


def _require_stock(item: CartItem, in_cart: int, total: int, typed: str) -> None:
    left = item.stock.available
    if total <= left:
        return
    most = largest_right_within(left, item.case_pack, item.minimum_quantity) - in_cart
    if left == 0:
        raise WrongQuantity("Out of stock.", typed)
    if most > 0:
        up_to = f"You can add up to {most:,} more." if in_cart else f"You can order up to {most:,}."
        raise WrongQuantity(f"Only {left:,} left. {up_to}", typed, (most,))
    if in_cart:
        raise WrongQuantity(f"Only {left:,} left, and {in_cart:,} are in your cart already.", typed)
    raise WrongQuantity(f"Only {left:,} left, too few to order.", typed)
