"""Order numbers: their own counter, because ids have gaps and on a cluster step by more than one."""

from __future__ import annotations

from sqlalchemy import update

from app.extensions import db
from app.shop.models import Counter

_FIRST = 1001


def next_order_number() -> str:
    """ "TP-1001", "TP-1002", …: taken inside the caller's transaction, so a roll-back takes it back too.

    The UPDATE locks the counter's row until the commit; it comes late in placing an order for that reason.
    """
    raised = db.session.execute(
        update(Counter).filter_by(name="orders").values(next_value=Counter.next_value + 1)
    ).rowcount  # type: ignore[attr-defined]
    if not raised:
        db.session.add(Counter(name="orders", next_value=_FIRST + 1))
        db.session.flush()
        return f"TP-{_FIRST}"
    following = db.session.scalars(
        db.select(Counter.next_value).filter_by(name="orders").execution_options(populate_existing=True)
    ).one()
    return f"TP-{following - 1}"
