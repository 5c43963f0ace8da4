"""Background work on money: each handler hands its ids, the gateway and the shop's delays to one use case."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app

from app.extensions import db
from app.payments.act_on_holds import act_on_holds
from app.payments.capture_payment import capture_payment
from app.payments.gateway import PaymentGateway
from app.payments.guarded_gateway import come_back_if_left_alone
from app.payments.models import Payment, Refund
from app.payments.post_missing_work import post_missing_work
from app.payments.providers import get_gateway
from app.payments.queries import find_live_payment_id
from app.payments.release_payment import release_payment
from app.payments.release_promise import release_promise
from app.payments.send_refund import check_refund, send_refund
from app.payments.settle_payment import settle_payment
from app.payments.status import BY_HAND
from app.payments.watch_authorizations import watch_authorizations
from app.settings import Settings
from app.shared import clock
from app.shared.history import Actor


def settle(payment_id: int) -> None:
    settle_payment(
        payment_id,
        gateway=_gateway_of(payment_id),
        look_again_after=timedelta(seconds=_settings().settle_again_seconds),
        actor=Actor.system("Settle job"),
    )


def capture(payment_id: int) -> None:
    capture_payment(
        payment_id,
        gateway=_gateway_of(payment_id),
        stale_after=_stale_after(),
        actor=Actor.system("Capture job"),
    )


def capture_order(order_id: int) -> None:
    """Where the shop charges on shipment: the order's live payment, if there is one."""
    payment_id = find_live_payment_id(order_id)
    if payment_id is not None:
        capture(payment_id)


def release(order_id: int) -> None:
    """First what nobody need be asked about: a provider that does not answer holds no promise up."""
    actor = Actor.system("Release job")
    release_promise(order_id, actor=actor, now=clock.now())
    payment_id = find_live_payment_id(order_id)
    if payment_id is None:
        return
    release_payment(
        order_id,
        gateway=_gateway_of(payment_id),
        stale_after=_stale_after(),
        actor=actor,
    )


def refund(refund_id: int) -> None:
    send_refund(refund_id, gateway=_gateway_of_refund(refund_id), actor=Actor.system("Refund job"))


def refund_check(refund_id: int) -> None:
    check_refund(refund_id, gateway=_gateway_of_refund(refund_id), actor=Actor.system("Refund job"))


def watch() -> None:
    """What is overdue is asked about first; what is still held then is charged or let go, also while nobody answers."""
    actor = Actor.system("Payment clock")
    post_missing_work(clock.now())
    try:
        watch_authorizations(gateway=get_gateway(), actor=actor)
    finally:
        act_on_holds(actor=actor, now=clock.now())


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _stale_after() -> timedelta:
    return timedelta(seconds=_settings().capture_stale_seconds)


def _gateway_of(payment_id: int) -> PaymentGateway:
    """The payment's gateway; ComeBackLater, before anything is claimed, while its provider is left alone."""
    provider = db.session.scalars(db.select(Payment.provider).filter_by(id=payment_id)).one()
    if provider in BY_HAND:
        return get_gateway(provider)
    come_back_if_left_alone(provider, _settings(), clock.now())
    return get_gateway(provider)


def _gateway_of_refund(refund_id: int) -> PaymentGateway:
    return _gateway_of(db.session.scalars(db.select(Refund.payment_id).filter_by(id=refund_id)).one())
