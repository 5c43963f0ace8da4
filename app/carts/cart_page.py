"""Load the cart page, in a fixed number of queries: five for a buyer, one for a list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.businesses.access import Viewer
from app.businesses.models import Address
from app.carts.badge import CartBadge, keep_badge
from app.carts.item import CartItem
from app.carts.models import Cart
from app.carts.queries import estimate_delivery
from app.carts.views import CartPage, build_cart_page, build_line, build_priced_line
from app.carts.wanted import list_items_of, list_open_items, price_items
from app.pricing.queries import load_buyer
from app.pricing.quote import build_quote


def load_guest_page(quantities: dict[int, int]) -> CartPage:
    """The list of someone who is not signed in."""
    return _build_list(list_items_of(quantities))


def load_cart_page(viewer: Viewer, today: date, *, is_first_order: bool) -> CartPage:
    """The cart of someone signed in: priced for an approved buyer, a plain list for anybody else."""
    cart, items = list_open_items(viewer.user_id or 0)
    if not viewer.sees_prices or viewer.business_id is None:
        return _build_list(items)
    if cart is None:
        return CartPage(is_list=False)
    return _build_priced(cart, items, viewer, viewer.business_id, today, is_first_order)


def _build_list(items: Sequence[CartItem]) -> CartPage:
    return CartPage(
        lines=tuple(build_line(item) for item in items),
        units=sum(item.quantity for item in items),
    )


def _build_priced(
    cart: Cart, items: list[CartItem], viewer: Viewer, business_id: int, today: date, is_first_order: bool
) -> CartPage:
    wanted = price_items(items, viewer.price_list_id)
    delivery, address = estimate_delivery(cart, business_id)
    quote = build_quote(wanted, load_buyer(business_id, is_first_order), delivery, today)
    keep_badge(CartBadge(len(items), quote.subtotal))
    lines = tuple(
        build_priced_line(item, quoted, quote, today) for item, quoted in zip(items, quote.lines, strict=True)
    )
    return build_cart_page(lines, quote, _to(address))


def _to(address: Address | None) -> str:
    return f"to {address.city}, {address.state} {address.postal_code}" if address else ""
