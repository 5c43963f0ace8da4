"""Order and invoice numbers: their own counters, because ids have gaps and on a cluster step by more than one."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.shop.models import Counter

_FIRST = 1001


def next_order_number() -> str:
    """ "TP-1001", "TP-1002", …: taken inside the caller's transaction, so a roll-back takes it back too.

    The UPDATE locks the counter's row until the commit; it comes late in placing an order for that reason.
    """
    return f"TP-{_next('orders')}"


def next_invoice_number() -> str:
    """ "INV-1001", …: the same way, from a counter of its own, so that invoices are numbered without gaps."""
    return f"INV-{_next('invoices')}"


def _next(counter: str) -> int:
    if not _raise(counter) and _begin(counter):
        return _FIRST
    query = db.select(Counter.next_value).filter_by(name=counter)
    following: int = db.session.scalars(query.execution_options(populate_existing=True)).one()
    return following - 1


def _raise(counter: str) -> bool:
    raised = db.session.execute(
        update(Counter).filter_by(name=counter).values(next_value=Counter.next_value + 1)
    ).rowcount  # type: ignore[attr-defined]
    return bool(raised)


def _begin(counter: str) -> bool:
    """Write the counter's row; False where another was faster with the first number, and ours is the next."""
    try:
        with db.session.begin_nested():
            db.session.add(Counter(name=counter, next_value=_FIRST + 1))
    except IntegrityError:
        _raise(counter)
        return False
    return True
