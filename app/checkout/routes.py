"""Checkout in two screens: delivery, then review and pay; and the confirmation."""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import Blueprint, Response, current_app, url_for
from flask_login import current_user

from app.businesses.add_address import add_address
from app.businesses.guards import approved_buyer
from app.businesses.viewer import get_viewer
from app.carts.badge import CartBadge, keep_badge
from app.carts.models import Cart
from app.carts.queries import find_open_cart
from app.checkout.forms import NEW, SAME, DeliveryForm, PlaceForm, chosen_id
from app.checkout.keep_order import was_kept
from app.checkout.load import Checkout, load_checkout
from app.checkout.payment_ways import list_ways
from app.checkout.place_order import PlaceOrder, place_order
from app.checkout.save_delivery import SaveDelivery, save_delivery
from app.checkout.test_cards import TEST_CARDS
from app.orders.payment_method import PaymentMethod
from app.orders.queries import get_for_business
from app.orders.status import OrderStatus
from app.payments.guarded_gateway import find_trouble
from app.payments.pay_links import make_pay_path
from app.payments.providers import get_gateway
from app.payments.queries import list_payments
from app.rate_limits import as_set, limit_by_person
from app.security_headers import allow_card_entry
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError, Conflict
from app.shared.money import Money
from app.web import go_to, page, page_or_fragment

blueprint = Blueprint("checkout", __name__)


@blueprint.get("/")
@approved_buyer
def delivery() -> Response:
    """Where it goes and how; what was chosen before is chosen still."""
    opened = _open_checkout(assumes_usual=True)
    if isinstance(opened, Response):
        return opened
    cart, checkout = opened
    form = DeliveryForm(
        formdata=None,
        shipping_method=str(checkout.shipping.method_id) if checkout.shipping else "",
        address=str(checkout.ship_to.id) if checkout.ship_to else NEW,
        po_number=cart.po_number,
        note=cart.note,
    )
    return _delivery_page(form, checkout)


@blueprint.post("/")
@approved_buyer
def save() -> Response:
    opened = _open_checkout()
    if isinstance(opened, Response):
        return opened
    _, checkout = opened
    form = DeliveryForm()
    if not form.validate():
        return _delivery_page(form, checkout, status=422)
    viewer = get_viewer()
    try:
        address_id = _chosen_address(form, checkout)
        command = SaveDelivery(
            shipping_method_id=chosen_id(form.shipping_method.data) or 0,
            shipping_address_id=address_id,
            po_number=form.po_number.data or "",
            note=form.note.data or "",
        )
        save_delivery(command, user_id=current_user.id, business_id=viewer.business_id or 0, now=clock.now())
    except Conflict:
        raise
    except AppError as error:
        _put_error(form, error)
        return _delivery_page(form, checkout, status=422)
    return go_to(url_for("checkout.review"))


@blueprint.get("/review")
@approved_buyer
def review() -> Response:
    """Everything once more, the card, and the button."""
    opened = _open_checkout()
    if isinstance(opened, Response):
        return opened
    cart, checkout = opened
    if checkout.quote.delivery_violations:
        return go_to(url_for("checkout.delivery"))
    billing = str(cart.billing_address_id) if cart.billing_address_id else SAME
    return _review_page(PlaceForm(formdata=None, billing=billing), cart, checkout)


@blueprint.post("/place")
@limit_by_person(as_set("payment_limit"))
@approved_buyer
def place() -> Response:
    """One press or ten: one order. A refusal comes back to the page with everything as it was."""
    form = PlaceForm()
    if not form.validate():
        return _back_to_review(form)
    try:
        command = _to_command(form)
        if command.payment_method is PaymentMethod.CARD:
            _stop_if_silent(command)
        order = place_order(
            command,
            user_id=current_user.id,
            business_id=get_viewer().business_id or 0,
            actor=current_user.as_actor,
            gateway=get_gateway(command.provider),
            settle_after=timedelta(seconds=_settings().settle_after_seconds),
        )
    except AppError as error:
        _put_error(form, error)
        return _back_to_review(form, error if error.field is None else None)
    structlog.contextvars.bind_contextvars(order=order.number)
    return go_to(url_for("checkout.done", number=order.number))


@blueprint.get("/done/<number>")
@approved_buyer
def done(number: str) -> Response:
    """The confirmation; while the bank is still thinking, an honest page that looks again by itself."""
    order = get_for_business(number, get_viewer().business_id)
    if order.status is OrderStatus.PAYMENT_FAILED:
        return go_to(url_for("checkout.kept" if was_kept(order) else "orders.show", number=number))
    return page_or_fragment(
        "checkout/done.html", "checkout/_outcome.html", order=order, payments=list_payments(order.id)
    )


@blueprint.get("/kept/<number>")
@approved_buyer
def kept(number: str) -> Response:
    """An order that is written down and not paid: its number, what that means, and where the link is."""
    order = get_for_business(number, get_viewer().business_id)
    if not was_kept(order):
        return go_to(url_for("checkout.done", number=number))
    days = _settings().abandoned_order_days
    return page("checkout/kept.html", order=order, pay_path=make_pay_path(order.id), order_days=days)


def _open_checkout(*, assumes_usual: bool = False) -> tuple[Cart, Checkout] | Response:
    """The open cart with its quote; somebody whose cart cannot be ordered yet goes back to it and reads why."""
    viewer = get_viewer()
    cart = find_open_cart(current_user.id)
    if cart is None or viewer.business_id is None:
        return go_to(url_for("carts.show"))
    if cart.placing_order_id is not None:
        return go_to(url_for("orders.index"), message="This order is being placed. Here it is.")
    checkout = load_checkout(cart, viewer.business_id, clock.now(), assumes_usual=assumes_usual)
    keep_badge(CartBadge(len(checkout.quote.lines), checkout.quote.subtotal))
    if checkout.quote.goods_violations:
        return go_to(url_for("carts.show") + "#fixes")
    return cart, checkout


def _chosen_address(form: DeliveryForm, checkout: Checkout) -> int | None:
    """The id of the chosen address, stored first when it is a new one; none is needed for a pickup."""
    if form.address.data != NEW:
        return chosen_id(form.address.data)
    typed = form.new_address.form.to_address()
    pickups = {rule.method_id for rule in checkout.shipping_rules if rule.is_pickup}
    is_empty = not any((typed.line1, typed.city, typed.postal_code))
    if is_empty and chosen_id(form.shipping_method.data) in pickups:
        return None
    return add_address(checkout.business.id, typed, now=clock.now())


def _to_command(form: PlaceForm) -> PlaceOrder:
    method = next((each for each in PaymentMethod if each.value == form.payment_method.data), None)
    if method is None:
        raise AppError("Choose how to pay.", "payment_method")
    source = (form.source_token.data or "").strip()
    pays_later = method is PaymentMethod.CARD and bool(form.later.data)
    if method is PaymentMethod.CARD and not source and not pays_later:
        raise AppError("Enter the card to pay with.", "source_token")
    shown = form.shown_total.data or ""
    if not (shown.isascii() and shown.isdigit()):
        raise Conflict("This page is out of date. Check your order once more and place it from here.")
    return PlaceOrder(
        checkout_token=form.checkout_token.data or "",
        shown_total=Money(int(shown)),
        source="" if method.is_promise else source,
        payment_method=method,
        billing_address_id=_chosen_billing(form),
        pays_later=pays_later,
    )


def _stop_if_silent(command: PlaceOrder) -> None:
    """Say so before anything is written, unless the buyer chose to pay later; and let nobody put off what can be paid."""
    trouble = find_trouble(command.provider, _settings(), clock.now())
    if trouble and not command.pays_later:
        raise AppError(f"{trouble} Or place the order now and pay it later: we mail you a link.")
    if command.pays_later and not trouble:
        raise AppError("Card payments are answering again, so you can place the order with your card now.")


def _chosen_billing(form: PlaceForm) -> int | None:
    """The id of another billing address, stored first when it is a new one; None for the same as delivery."""
    if form.billing.data in {SAME, None, ""}:
        return None
    if form.billing.data == NEW:
        return add_address(get_viewer().business_id or 0, form.new_billing.form.to_address(), now=clock.now())
    return chosen_id(form.billing.data) or 0


def _back_to_review(form: PlaceForm, refusal: AppError | None = None) -> Response:
    """The review again, with what was typed, the reason on top, and the token and total of now."""
    opened = _open_checkout()
    if isinstance(opened, Response):
        return opened
    cart, checkout = opened
    return _review_page(form, cart, checkout, refusal=refusal, status=422)


def _review_page(
    form: PlaceForm, cart: Cart, checkout: Checkout, *, refusal: AppError | None = None, status: int = 200
) -> Response:
    allow_card_entry()
    ways = list_ways(checkout, clock.now())
    form.offer(checkout.addresses, checkout.shipping is not None and checkout.shipping.is_pickup, ways)
    if form.payment_method.data not in {way.method.value for way in ways if not way.refusal}:
        form.payment_method.data = PaymentMethod.CARD.value
    form.checkout_token.data = cart.checkout_token
    form.shown_total.data = str(checkout.quote.total.cents)
    return page_or_fragment(
        "checkout/review.html",
        "checkout/_review.html",
        status=status,
        form=form,
        cart=cart,
        checkout=checkout,
        refusal=refusal,
        ways=ways,
        card_trouble=find_trouble(PaymentMethod.CARD.value, _settings(), clock.now()),
        square=_settings() if _settings().is_square_real else None,
        test_cards=TEST_CARDS,
    )


def _delivery_page(form: DeliveryForm, checkout: Checkout, *, status: int = 200) -> Response:
    form.offer(checkout.addresses, checkout.shipping_rules, checkout.quote.subtotal)
    return page("checkout/delivery.html", status=status, form=form, checkout=checkout)


def _put_error(form: DeliveryForm | PlaceForm, error: AppError) -> None:
    """The message beside the field it is about; address fields stand in their own group."""
    groups = [form, *(each.form for each in form if each.type == "FormField")]
    for group in groups:
        if error.field and error.field in group:
            group[error.field].errors = [*group[error.field].errors, error.message]
            return


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
