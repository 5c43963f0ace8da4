"""Close carts nobody touched for long; what they held stays to be read, the buyer's next add opens a new one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CursorResult, update

from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.shared.transaction import retry_lost_races, transaction


@retry_lost_races
def close_stale_carts(*, before: datetime, now: datetime) -> int:
    """Close open carts last touched before that moment; returns how many. One being placed right now is left alone."""
    stale = (Cart.status == CartStatus.OPEN) & (Cart.touched_at < before) & Cart.placing_order_id.is_(None)
    statement = (
        update(Cart)
        .where(stale)
        .values(status=CartStatus.EXPIRED, open_user_id=None, closed_at=now)
        .execution_options(synchronize_session=False)
    )
    with transaction():
        result: CursorResult[object] = db.session.execute(statement)  # type: ignore[assignment]
        return result.rowcount
