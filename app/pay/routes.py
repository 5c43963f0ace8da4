"""The page behind a payment link. Nobody signs in: who holds the link may see the order's invoice and pay it."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms import ValidationError

from app.checkout.test_cards import TEST_CARDS
from app.extensions import csrf
from app.orders.payment_method import PaymentMethod
from app.pay.forms import PayForm
from app.pay.load import Payable, load_payable
from app.pay.pay_order import PayOrder, pay_order
from app.payments.guarded_gateway import find_trouble
from app.payments.pay_links import LinkOver, LinkUnknown, read_pay_link
from app.payments.pay_state import PayState
from app.payments.providers import get_gateway
from app.rate_limits import as_set, limit_by_person
from app.security_headers import allow_card_entry
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.money import Money
from app.web import go_to, page, page_or_fragment

blueprint = Blueprint("pay", __name__)

CARD = PaymentMethod.CARD.value


@blueprint.get("/<token>")
def show(token: str) -> Response:
    """What is owed and the card; or that it is paid, being paid, or cancelled. Looks again by itself while it waits."""
    try:
        payable = load_payable(read_pay_link(token, clock.now()))
    except (LinkOver, LinkUnknown) as error:
        return _link_ended(error)
    return _pay_page(token, payable, PayForm(formdata=None))


@blueprint.post("/<token>")
@limit_by_person(as_set("payment_limit"))
@csrf.exempt
def pay(token: str) -> Response:
    """One press or ten, in one tab or two: one card is asked once."""
    _check_form_token()
    try:
        order_id = read_pay_link(token, clock.now())
        payable = load_payable(order_id)
    except (LinkOver, LinkUnknown) as error:
        return _link_ended(error)
    form = PayForm()
    if payable.state is not PayState.OPEN:
        return go_to(url_for("pay.show", token=token))
    if not form.validate():
        return _pay_page(token, payable, form, status=422)
    try:
        _stop_if_silent()
        pay_order(
            _to_command(order_id, form),
            actor=current_user.as_actor if current_user.is_authenticated else Actor.system("Payment link"),
            gateway=get_gateway(CARD),
            settle_after=timedelta(seconds=_settings().settle_after_seconds),
        )
    except AppError as error:
        return _refused(token, order_id, form, error)
    return go_to(url_for("pay.show", token=token))


def _check_form_token() -> None:
    """The shop's own check of forms wants a referrer over https as well, and this page sends none to anybody."""
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken"))
    except ValidationError as error:
        raise CSRFError(str(error)) from error


def _to_command(order_id: int, form: PayForm) -> PayOrder:
    source = (form.source_token.data or "").strip()
    if not source:
        raise AppError("Enter the card to pay with.", "source_token")
    shown, after = form.shown_total.data or "", form.after.data or ""
    if not all(each.isascii() and each.isdigit() for each in (shown, after)):
        raise AppError("This page was not complete. It is now: check the amount and pay it.")
    return PayOrder(
        order_id=order_id, shown_amount=Money(int(shown)), after=int(after), source=source, provider=CARD
    )


def _stop_if_silent() -> None:
    trouble = find_trouble(CARD, _settings(), clock.now(), kept="this link stays good")
    if trouble:
        raise AppError(trouble)


def _refused(token: str, order_id: int, form: PayForm, error: AppError) -> Response:
    """The page again as it is now, with the reason on top, or beside the card."""
    if error.field == "source_token":
        form.source_token.errors = [*form.source_token.errors, error.message]
    return _pay_page(
        token, load_payable(order_id), form, refusal="" if error.field else error.message, status=422
    )


def _pay_page(
    token: str, payable: Payable, form: PayForm, *, refusal: str = "", status: int = 200
) -> Response:
    allow_card_entry()
    form.shown_total.data, form.after.data = str(payable.owed.cents), str(payable.newest)
    settings = _settings()
    response = page_or_fragment(
        "pay/show.html",
        "pay/_pay.html",
        status=status,
        token=token,
        payable=payable,
        order=payable.order,
        form=form,
        refusal=refusal,
        card_trouble=""
        if refusal
        else find_trouble(CARD, settings, clock.now(), kept="this link stays good"),
        square=settings if settings.is_square_real else None,
        test_cards=TEST_CARDS,
    )
    return _secret(response)


def _link_ended(error: LinkOver | LinkUnknown) -> Response:
    is_over = isinstance(error, LinkOver)
    answer = page("pay/link_ended.html", status=410 if is_over else 404, why=error.message, is_over=is_over)
    return _secret(answer)


def _secret(response: Response) -> Response:
    """The address is a key: no search engine keeps it, and no other page is told where somebody came from."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
