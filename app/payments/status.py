"""Where a payment and a refund stand, and what may follow. Money facts come only from the provider's answers."""

from __future__ import annotations

from collections.abc import Mapping

from app.shared.status import LabelEnum


class PaymentStatus(LabelEnum):
    CREATED = "created", "Not answered yet"
    UNKNOWN = "unknown", "Being looked into"
    AUTHORIZED = "authorized", "Authorized"
    CAPTURING = "capturing", "Being captured"
    CAPTURED = "captured", "Captured"
    DECLINED = "declined", "Declined"
    VOIDED = "voided", "Voided"
    LAPSED = "lapsed", "Lapsed"
    FAILED = "failed", "Failed"


_P = PaymentStatus

PAYMENT_MOVES: Mapping[PaymentStatus, frozenset[PaymentStatus]] = {
    _P.CREATED: frozenset({_P.AUTHORIZED, _P.CAPTURED, _P.DECLINED, _P.UNKNOWN}),
    _P.UNKNOWN: frozenset({_P.AUTHORIZED, _P.DECLINED, _P.VOIDED}),
    _P.AUTHORIZED: frozenset({_P.CAPTURING, _P.VOIDED, _P.LAPSED}),
    _P.CAPTURING: frozenset({_P.CAPTURED, _P.AUTHORIZED, _P.LAPSED, _P.FAILED}),
}

# By hand, two more: a receipt that was recorded by mistake, and the promise that is open again then.
BY_HAND_MOVES: Mapping[PaymentStatus, frozenset[PaymentStatus]] = {
    **PAYMENT_MOVES,
    _P.CAPTURED: frozenset({_P.AUTHORIZED, _P.FAILED}),
}

# Money may be held or moving: an order has at most one card payment in these at a time.
LIVE = frozenset({_P.CREATED, _P.UNKNOWN, _P.AUTHORIZED, _P.CAPTURING, _P.CAPTURED})


# Promises stand for money that is still to come; receipts are money that came to the shop's own hands or bank.
PROMISES = frozenset({"terms", "on_pickup"})
RECEIPTS = frozenset({"check", "ach", "cash"})
BY_HAND = PROMISES | RECEIPTS
HAND_WORDS: Mapping[str, str] = {"check": "by check", "ach": "by bank transfer", "cash": "in cash"}


class RefundStatus(LabelEnum):
    REQUESTED = "requested", "Requested"
    PENDING = "pending", "On its way"
    UNKNOWN = "unknown", "Being looked into"
    COMPLETED = "completed", "Completed"
    REJECTED = "rejected", "Rejected"
    FAILED = "failed", "Failed"


class RefundKind(LabelEnum):
    """What a refund is about."""

    WHOLE = "whole", "All that was left"
    LINES = "lines", "By line"
    AMOUNT = "amount", "An amount"
    SHORTENED = "shortened", "Could not be shipped"
    CANCELLED = "cancelled", "Order cancelled"


_R = RefundStatus

REFUND_MOVES: Mapping[RefundStatus, frozenset[RefundStatus]] = {
    _R.REQUESTED: frozenset({_R.PENDING, _R.UNKNOWN, _R.COMPLETED, _R.REJECTED, _R.FAILED}),
    _R.UNKNOWN: frozenset({_R.PENDING, _R.COMPLETED, _R.REJECTED, _R.FAILED}),
    _R.PENDING: frozenset({_R.COMPLETED, _R.REJECTED, _R.FAILED}),
    # A bank may send back days later what the provider had called done.
    _R.COMPLETED: frozenset({_R.FAILED}),
}

# Rejected and failed refunds gave nothing back; every other one did, or may have.
GAVE_BACK = frozenset(RefundStatus) - {_R.REJECTED, _R.FAILED}
