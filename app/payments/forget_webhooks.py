"""Forget old events. One that came again after that would be looked at once more, which changes nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from app.extensions import db
from app.payments.models import WebhookEvent
from app.shared.transaction import retry_lost_races, transaction

_BATCH = 1000


def forget_webhooks(*, before: datetime) -> None:
    """Delete handled events received before that time, a thousand in a transaction."""
    while _forget_batch(before) == _BATCH:
        continue


@retry_lost_races
def _forget_batch(before: datetime) -> int:
    with transaction():
        query = db.select(WebhookEvent.id).where(
            WebhookEvent.received_at < before, WebhookEvent.handled_at.is_not(None)
        )
        ids = list(db.session.scalars(query.order_by(WebhookEvent.received_at).limit(_BATCH)))
        if ids:
            db.session.execute(delete(WebhookEvent).where(WebhookEvent.id.in_(ids)))
        return len(ids)
