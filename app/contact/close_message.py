"""Put a message aside as done."""

from __future__ import annotations

from datetime import datetime

from app.contact.models import ContactMessage
from app.contact.status import MessageStatus
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def close_message(message_id: int, *, actor: Actor, now: datetime, reason: str = "") -> ContactMessage:
    """Close it, answered or not; Conflict when it is closed already."""
    with transaction():
        message = lock(ContactMessage, message_id)
        message.move_to(MessageStatus.CLOSED, actor=actor, at=now, reason=reason.strip())
    return message
