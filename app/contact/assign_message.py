"""Take a message on."""

from __future__ import annotations

from datetime import datetime

from app.contact.models import ContactMessage
from app.contact.status import MessageStatus
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def assign_message(message_id: int, *, assignee_id: int, actor: Actor, now: datetime) -> ContactMessage:
    """Make one person responsible; a closed message is open again. NotFound for no message."""
    with transaction():
        message = lock(ContactMessage, message_id)
        message.move_to(MessageStatus.ASSIGNED, actor=actor, at=now, assignee_id=assignee_id)
        message.assigned_to_id = assignee_id
    return message
