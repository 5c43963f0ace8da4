"""One payment or refund on our books against the provider's: agreed, in motion, or a difference. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.payments.difference_kinds import DifferenceKind, Repair
from app.payments.gateway import HoldState, PaymentFacts, RefundFacts, RefundState
from app.payments.status import LIVE, PaymentStatus, RefundStatus
from app.shared.money import Money

# What is younger is still being worked on by the ordinary jobs (settle looks a second time after an hour).
_IN_MOTION = timedelta(hours=2)
_CLAIMED = timedelta(minutes=10)

_P, _H, _R, _S = PaymentStatus, HoldState, RefundStatus, RefundState
_NOTHING_HELD = frozenset({_H.VOIDED, _H.FAILED})
_AGREES = {
    _P.AUTHORIZED: frozenset({_H.AUTHORIZED, _H.PENDING}),
    _P.CAPTURED: frozenset({_H.CAPTURED}),
}
_REFUND_AGREES = {
    _R.PENDING: frozenset({_S.PENDING}),
    _R.COMPLETED: frozenset({_S.COMPLETED}),
    _R.REJECTED: frozenset({_S.REJECTED, _S.FAILED}),
    _R.FAILED: frozenset({_S.REJECTED, _S.FAILED}),
}
# What a refund of ours may still become: one that arrived can come back days later.
_FOLLOWS = {
    _R.PENDING: frozenset({_S.COMPLETED, _S.REJECTED, _S.FAILED}),
    _R.COMPLETED: frozenset({_S.REJECTED, _S.FAILED}),
}


@dataclass(frozen=True, kw_only=True)
class OurPayment:
    """A payment row as it is now; `has_paid_sibling` = another payment of its order was captured."""

    id: int
    order_id: int
    status: PaymentStatus
    amount: Money
    provider_id: str
    created_at: datetime
    claimed_at: datetime | None = None
    has_paid_sibling: bool = False
    order_total: Money | None = None

    @property
    def amounts(self) -> frozenset[Money]:
        """What the provider may have it for: a hold above the order's total is lowered to it when it is captured."""
        is_held = self.status in {_P.AUTHORIZED, _P.CAPTURING}
        if is_held and self.order_total is not None and self.order_total < self.amount:
            return frozenset({self.amount, self.order_total})
        return frozenset({self.amount})


@dataclass(frozen=True, kw_only=True)
class OurRefund:
    id: int
    payment_id: int
    order_id: int
    status: RefundStatus
    amount: Money
    provider_id: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Found:
    """One difference: `provider_id` is the provider's id of the payment or refund; `ours` and `theirs` are words."""

    kind: DifferenceKind
    provider_id: str
    amount: Money
    ours: str
    theirs: str
    repair: Repair = Repair.NONE
    order_id: int | None = None
    payment_id: int | None = None
    refund_id: int | None = None


def is_payment_in_motion(ours: OurPayment, now: datetime) -> bool:
    """Whether a job or a request may be changing it right now, so that a difference means nothing yet."""
    if ours.claimed_at is not None and ours.claimed_at > now - _CLAIMED:
        return True
    is_unsettled = ours.status in {_P.CREATED, _P.UNKNOWN} or (
        ours.status is _P.VOIDED and not ours.provider_id
    )
    return is_unsettled and ours.created_at > now - _IN_MOTION


def compare_payment(ours: OurPayment | None, theirs: PaymentFacts) -> Found | None:
    """What is different, if anything. An unknown payment counts as long as money is or was on the move."""
    if ours is None:
        if theirs.state in _NOTHING_HELD:
            return None
        return _found(DifferenceKind.UNKNOWN_PAYMENT, None, theirs)
    if ours.provider_id not in {"", theirs.provider_id}:
        return _second_one(ours, theirs)
    if ours.status in LIVE:
        return _compare_live(ours, theirs)
    return _compare_ended(ours, theirs)


def _compare_live(ours: OurPayment, theirs: PaymentFacts) -> Found | None:
    if theirs.amount not in ours.amounts and theirs.state not in _NOTHING_HELD:
        return _found(DifferenceKind.PAYMENT_AMOUNT, ours, theirs)
    if theirs.state in _AGREES.get(ours.status, frozenset()):
        return None
    if ours.status is _P.CAPTURING and theirs.state is _H.AUTHORIZED:
        return None  # the capture job is at it
    is_safe = ours.status is not _P.CAPTURED and theirs.state is not _H.PENDING
    repair = Repair.APPLY if is_safe else Repair.NONE
    return _found(DifferenceKind.PAYMENT_STATUS, ours, theirs, repair)


def _compare_ended(ours: OurPayment, theirs: PaymentFacts) -> Found | None:
    if theirs.state is _H.AUTHORIZED:
        return _found(DifferenceKind.ORPHAN_HOLD, ours, theirs, Repair.VOID)
    if theirs.state is _H.CAPTURED and theirs.refunded < theirs.amount:
        is_twice = ours.has_paid_sibling
        return _found(
            DifferenceKind.CHARGED_TWICE if is_twice else DifferenceKind.PAYMENT_STATUS, ours, theirs
        )
    return None


def _second_one(ours: OurPayment, theirs: PaymentFacts) -> Found | None:
    """The provider has another payment under the reference of this attempt."""
    if theirs.state is _H.AUTHORIZED:
        return _found(DifferenceKind.ORPHAN_HOLD, ours, theirs, Repair.VOID)
    if theirs.state is _H.CAPTURED and theirs.refunded < theirs.amount:
        is_twice = ours.status is _P.CAPTURED or ours.has_paid_sibling
        return _found(
            DifferenceKind.CHARGED_TWICE if is_twice else DifferenceKind.PAYMENT_STATUS, ours, theirs
        )
    return None


def missing_payment(ours: OurPayment) -> Found:
    """The provider says it has no payment of this id."""
    return Found(
        kind=DifferenceKind.MISSING_PAYMENT, provider_id=ours.provider_id, amount=ours.amount,
        ours=_words(ours.status.label, ours.amount), theirs="Not known", order_id=ours.order_id, payment_id=ours.id,
    )  # fmt: skip


def is_refund_in_motion(ours: OurRefund, now: datetime) -> bool:
    return ours.status in {_R.REQUESTED, _R.UNKNOWN, _R.PENDING} and ours.created_at > now - _IN_MOTION


def compare_refund(
    ours: OurRefund | None, theirs: RefundFacts, *, order_id: int | None = None, payment_id: int | None = None
) -> Found | None:
    """What is different, if anything. Order and payment are named for refunds that are not on our books."""
    if ours is None:
        if theirs.state in {_S.REJECTED, _S.FAILED}:
            return None
        return Found(
            kind=DifferenceKind.UNKNOWN_REFUND, provider_id=theirs.provider_id, amount=theirs.amount, ours="Not known",
            theirs=_words(theirs.state.label, theirs.amount), order_id=order_id, payment_id=payment_id,
        )  # fmt: skip
    kind, repair = DifferenceKind.REFUND_STATUS, Repair.NONE
    if theirs.amount != ours.amount:
        kind = DifferenceKind.REFUND_AMOUNT
    elif theirs.state in _REFUND_AGREES.get(ours.status, frozenset()):
        return None
    elif theirs.state in _FOLLOWS.get(ours.status, frozenset()):
        repair = Repair.APPLY
    return Found(
        kind=kind, provider_id=theirs.provider_id, amount=theirs.amount, ours=_words(ours.status.label, ours.amount),
        theirs=_words(theirs.state.label, theirs.amount), repair=repair, order_id=ours.order_id, payment_id=ours.payment_id,
        refund_id=ours.id,
    )  # fmt: skip


def missing_refund(ours: OurRefund) -> Found:
    """The provider says it has no refund of this id."""
    return Found(
        kind=DifferenceKind.MISSING_REFUND, provider_id=ours.provider_id, amount=ours.amount,
        ours=_words(ours.status.label, ours.amount), theirs="Not known", order_id=ours.order_id, payment_id=ours.payment_id,
        refund_id=ours.id,
    )  # fmt: skip


def _found(
    kind: DifferenceKind, ours: OurPayment | None, theirs: PaymentFacts, repair: Repair = Repair.NONE
) -> Found:
    return Found(
        kind=kind,
        provider_id=theirs.provider_id,
        amount=theirs.amount,
        ours=_words(ours.status.label, ours.amount) if ours else "Not known",
        theirs=_words(theirs.state.label, theirs.amount),
        repair=repair,
        order_id=ours.order_id if ours else None,
        payment_id=ours.id if ours else None,
    )


def _words(label: str, amount: Money) -> str:
    return f"{label}, {amount}"
