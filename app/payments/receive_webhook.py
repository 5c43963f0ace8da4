"""Take an event in: keep it once, and post the job that looks at what it is about. Nothing else happens meanwhile."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.payments.models import WebhookEvent
from app.payments.webhook_event import Notice
from app.shared.transaction import retry_lost_races, transaction


def receive_webhook(notice: Notice, now: datetime) -> bool:
    """Keep an event and post its job; False when it came before. The unique event id decides, not a look beforehand."""
    try:
        _keep(notice, now)
    except IntegrityError:
        return False
    return True


@retry_lost_races
def _keep(notice: Notice, now: datetime) -> None:
    with transaction():
        event = WebhookEvent(
            event_id=notice.event_id,
            type=notice.type,
            provider_payment_id=notice.provider_payment_id,
            provider_refund_id=notice.provider_refund_id,
            received_at=now,
            handled_at=None if notice.is_about_money else now,
            outcome="" if notice.is_about_money else "not looked at",
        )
        db.session.add(event)
        db.session.flush()
        if notice.is_about_money:
            post(Kind.PAYMENT_WEBHOOK, webhook_event_id=event.id)
