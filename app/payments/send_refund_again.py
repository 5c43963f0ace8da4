"""In the place of a refund that did not arrive comes a new one: sent again with a key of its own, or given by hand."""

from __future__ import annotations

from datetime import datetime

from app.extensions import db
from app.payments.failed_refund import lock_failed_refund
from app.payments.models import Refund, RefundLine
from app.payments.queries import refundable
from app.payments.refund_left import can_refund, find_left
from app.payments.refund_sum import Left, Part, RefundSum, fit_tax
from app.payments.request_refund import request_refund
from app.payments.status import RECEIPTS, RefundKind
from app.shared.errors import AppError, Conflict
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction


def send_refund_again(refund_id: int, *, actor: Actor, now: datetime) -> Refund:
    """The same sum, lines and reason once more. Conflict when it did not fail, was sent again or closed already, or what
    it was to give back has gone back in another way."""
    return _replace(refund_id, "", actor, now)


def give_back_by_hand(refund_id: int, *, given_by: str, actor: Actor, now: datetime) -> Refund:
    """Staff paid it by check, bank transfer or cash (one of RECEIPTS), because the card does not take it: a card may be
    closed by then. The provider is not asked, and the buyer is told by mail. Conflict as for sending again."""
    if given_by not in RECEIPTS:
        raise AppError("Choose how the money was given back.", field="given_by")
    return _replace(refund_id, given_by, actor, now)


@retry_lost_races
def _replace(refund_id: int, given_by: str, actor: Actor, now: datetime) -> Refund:
    with transaction():
        order, payment, failed = lock_failed_refund(refund_id)
        if not can_refund(payment) or refundable(payment) < failed.amount_cents:
            raise Conflict("The money was given back in another way meanwhile, so it is not sent again.")
        lines = list(db.session.scalars(db.select(RefundLine).filter_by(refund_id=failed.id)))
        left = find_left(order, payment)
        _check_lines(failed, lines, left)
        refund = request_refund(
            order, payment, _same_sum(failed, lines, left), kind=failed.kind, reason=failed.reason, actor=actor,
            now=now, replaces_id=failed.id, given_by=given_by,
        )  # fmt: skip
        if refund is None:
            raise Conflict("There is nothing left to give back.")
        _take_shelf_along(refund, lines)
        return refund


def _check_lines(failed: Refund, lines: list[RefundLine], left: Left) -> None:
    units_left = {line.line_id: line.units_left for line in left.lines}
    if failed.kind is RefundKind.SHORTENED:
        return
    if failed.shipping_cents and not left.shipping:
        raise Conflict("The shipping was refunded in another way meanwhile. Refund what is left.")
    if any(line.quantity > units_left.get(line.order_line_id, 0) for line in lines):
        raise Conflict("Units of this refund were refunded in another way meanwhile. Refund what is left.")


def _same_sum(failed: Refund, lines: list[RefundLine], left: Left) -> RefundSum:
    """The tax is what it was, unless a later refund took some of it: then what is left of it."""
    is_short = failed.kind is RefundKind.SHORTENED
    tax = failed.tax_cents if is_short else fit_tax(failed.tax_cents, failed.amount_cents, left)
    parts = tuple(Part(line.order_line_id, line.quantity, line.goods_cents, line.tax_cents) for line in lines)
    return RefundSum(amount=failed.amount_cents, tax=tax, shipping=failed.shipping_cents, parts=parts)


def _take_shelf_along(refund: Refund, before: list[RefundLine]) -> None:
    """Units that were put back on the shelf with the failed one are there: they count for the new one."""
    units = {line.order_line_id: line for line in before}
    for line in db.session.scalars(db.select(RefundLine).filter_by(refund_id=refund.id)):
        old = units[line.order_line_id]
        line.restocked_quantity, old.restocked_quantity = old.restocked_quantity, 0
