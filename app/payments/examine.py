"""Look at one payment or refund on both sides as they are this moment. No list, so no lag."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.extensions import db
from app.payments.books import (
    find_our_payment,
    find_our_refund,
    is_refund_being_sent,
    list_our_payments,
    payments_by_provider_id,
)
from app.payments.compare import (
    Found,
    OurPayment,
    compare_payment,
    compare_refund,
    is_payment_in_motion,
    is_refund_in_motion,
    missing_payment,
    missing_refund,
)
from app.payments.gateway import NotThere, PaymentFacts, PaymentGateway, RefundFacts
from app.payments.models import Payment


@dataclass(frozen=True)
class Verdict:
    """What was found, if anything; not `is_clear` while a job is at it, which says nothing either way."""

    is_clear: bool
    found: Found | None = None


_IN_MOTION = Verdict(is_clear=False)


def examine_payment(provider_id: str, gateway: PaymentGateway, now: datetime) -> Verdict:
    """Ask the provider and compare; a row of ours that changed during the question is in motion."""
    before = _first(Payment.provider_payment_id == provider_id)
    theirs = _ask_payment(provider_id, gateway)
    if theirs is None:
        after = _first(Payment.provider_payment_id == provider_id)
        if after != before or (after is not None and is_payment_in_motion(after, now)):
            return _IN_MOTION
        return Verdict(is_clear=True, found=missing_payment(after) if after else None)
    after = find_our_payment(theirs)
    db.session.rollback()
    if (before is not None and before != after) or (after is not None and is_payment_in_motion(after, now)):
        return _IN_MOTION
    if after is None and theirs.location != gateway.location:
        return Verdict(is_clear=True)  # another place of the same seller: none of the shop's business
    return Verdict(is_clear=True, found=compare_payment(after, theirs))


def _first(condition: object) -> OurPayment | None:
    found = list_our_payments(condition)  # type: ignore[arg-type]
    db.session.rollback()
    return found[0] if found else None


def _ask_payment(provider_id: str, gateway: PaymentGateway) -> PaymentFacts | None:
    try:
        return gateway.get(provider_id)
    except NotThere:
        return None


def examine_refund(provider_id: str, gateway: PaymentGateway, now: datetime) -> Verdict:
    """The same for a refund. One we do not know may be one that is just being sent: then it is in motion."""
    before = find_our_refund(provider_id)
    db.session.rollback()
    try:
        theirs = gateway.get_refund(provider_id)
    except NotThere:
        return Verdict(is_clear=True, found=missing_refund(before) if before else None)
    after = find_our_refund(provider_id)
    db.session.rollback()
    if after != before:
        return _IN_MOTION
    if after is None:
        return _unknown_refund(theirs, gateway)
    found = compare_refund(after, theirs)
    if found is not None and is_refund_in_motion(after, now):
        return _IN_MOTION
    return Verdict(is_clear=True, found=found)


def _unknown_refund(theirs: RefundFacts, gateway: PaymentGateway) -> Verdict:
    payment = payments_by_provider_id([theirs.payment_provider_id]).get(theirs.payment_provider_id)
    is_being_sent = payment is not None and is_refund_being_sent(payment.id)
    db.session.rollback()
    if is_being_sent:
        return _IN_MOTION
    if payment is None and theirs.location != gateway.location:
        return Verdict(is_clear=True)
    found = compare_refund(
        None,
        theirs,
        order_id=payment.order_id if payment else None,
        payment_id=payment.id if payment else None,
    )
    return Verdict(is_clear=True, found=found)
