"""The cart of a buyer and the list of everybody else: one set of addresses, pages and fragments for both."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request, session, url_for

from app.businesses.viewer import get_viewer
from app.carts import words
from app.carts.accept_prices import accept_prices
from app.carts.add_to_cart import add_to_cart
from app.carts.additions import AddedItems
from app.carts.badge import get_cart_badge
from app.carts.cart_page import load_cart_page, load_guest_page
from app.carts.change_quantity import Changed, ChangeQuantity, change_quantity
from app.carts.forms import AddForm, read_quantity, read_undo
from app.carts.guest_list import add_to_list, change_in_list, read_list, remove_from_list, restore_to_list
from app.carts.remove_line import remove_line
from app.carts.restore_line import restore_line
from app.carts.views import CartPage, Undo
from app.catalog.quantities import WrongQuantity
from app.offers.no_price import why_no_price
from app.orders.queries import is_first_order
from app.shared import clock
from app.shop.queries import shop_today
from app.web import go_to, page, page_or_fragment, safe_next, wants_fragment

blueprint = Blueprint("carts", __name__)

_UNDO = "cart_undo"


@blueprint.get("")
def show() -> Response:
    """The cart with its sum, or the list of somebody who sees no prices yet."""
    return _cart_page(_load(), undo=_take_undo())


@blueprint.post("/items")
def add() -> Response:
    """Add one sku, or all filled rows of a table; each that cannot be added comes back with what is wrong."""
    form = AddForm.read(request.form)
    viewer = get_viewer()
    if viewer.is_signed_in:
        result = add_to_cart(form.additions, viewer=viewer, now=clock.now())
    else:
        result = add_to_list(session, form.additions)
    if wants_fragment():
        return _added_fragment(form, result)
    if result.refused or not result.added:
        return page("carts/add_again.html", status=422, result=result, next=_next(form))
    return go_to(_next(form), message=words.say_added(result, get_cart_badge(viewer)))


@blueprint.post("/items/<int:line_id>")
def change(line_id: int) -> Response:
    """Change how many; a wrong number changes nothing and comes back with the right ones beside it. 0 removes."""
    try:
        quantity, typed = read_quantity(request.form)
        if quantity == 0:
            return remove(line_id)
        changed = _change(ChangeQuantity(line_id, quantity, typed))
    except WrongQuantity as wrong:
        loaded = _load().with_error(line_id, wrong.typed, wrong.message, wrong.nearest)
        return _cart_page(loaded, status=422, announce=wrong.message)
    return _after_change(words.say_changed(changed))


@blueprint.post("/items/<int:line_id>/remove")
def remove(line_id: int) -> Response:
    """Take a line out, without asking first: it can be put back."""
    viewer = get_viewer()
    if viewer.user_id is not None:
        removed = remove_line(line_id, user_id=viewer.user_id, now=clock.now())
    else:
        removed = remove_from_list(session, line_id)
    session[_UNDO] = [removed.sku_id, removed.quantity, removed.name]
    return _after_change(words.say_removed(removed))


@blueprint.post("/items/restore")
def restore() -> Response:
    """Put back what was just removed."""
    sku_id, quantity = read_undo(request.form)
    viewer = get_viewer()
    if viewer.is_signed_in:
        name = restore_line(sku_id, quantity, viewer=viewer, now=clock.now())
    else:
        name = restore_to_list(session, sku_id, quantity)
    session.pop(_UNDO, None)
    return _after_change(f"{name} is back.")


@blueprint.post("/prices")
def accept() -> Response:
    """The buyer has seen what became dearer or cheaper since it was added."""
    accept_prices(viewer=get_viewer(), now=clock.now())
    return _after_change("Thank you. These are the prices of your order now.")


def _change(command: ChangeQuantity) -> Changed:
    viewer = get_viewer()
    if viewer.is_signed_in:
        return change_quantity(command, viewer=viewer, now=clock.now())
    return change_in_list(session, command)


def _load() -> CartPage:
    viewer = get_viewer()
    if not viewer.is_signed_in:
        return load_guest_page(read_list(session))
    is_first = viewer.sees_prices and is_first_order(viewer.business_id or 0)
    return load_cart_page(viewer, shop_today(clock.now()), is_first_order=is_first)


def _after_change(happened: str) -> Response:
    """htmx gets the cart as it is now and says aloud what happened; a plain form is sent back to the page."""
    if not wants_fragment():
        return go_to(url_for("carts.show"), message=happened)
    cart = _load()
    announced = f"{happened} {get_cart_badge(get_viewer()).words}"
    return _cart_page(cart, undo=_take_undo(), announce=announced)


def _cart_page(
    cart: CartPage, *, status: int = 200, announce: str = "", undo: Undo | None = None
) -> Response:
    return page_or_fragment(
        "carts/cart.html",
        "carts/_cart_answer.html",
        status=status,
        announce=announce if wants_fragment() else "",
        cart=cart,
        undo=undo,
        no_price=why_no_price(get_viewer()),
    )


def _take_undo() -> Undo | None:
    """What was removed last, shown once."""
    kept = session.pop(_UNDO, None)
    return Undo(*kept) if isinstance(kept, list) and len(kept) == 3 else None


def _added_fragment(form: AddForm, result: AddedItems) -> Response:
    """The note beside the button (or under the table), the notes of its rows, and the badge."""
    badge = get_cart_badge(get_viewer())
    status = 200 if result.added else 422
    response = page("carts/_added.html", status=status, result=result, is_table=form.is_table)
    events: dict[str, object] = {"announce": words.say_added(result, badge)}
    if form.is_table or form.row_id:
        events["clearFields"] = [f"row-quantity-{each.sku_id}" for each in result.added]
    response.headers["HX-Trigger"] = json.dumps(events)
    if form.row_id:
        response.headers["HX-Retarget"] = f"#add-note-{form.row_id}"
    return response


def _next(form: AddForm) -> str:
    return safe_next(form.next, url_for("carts.show"))
