"""Write to the shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.accounts.addresses import normalise_email
from app.contact.models import ContactMessage
from app.contact.topics import Topic
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True)
class SendMessage:
    """`user_id` and `business_id` when the writer is signed in."""

    name: str
    email: str
    topic: Topic
    body: str
    user_id: int | None = None
    business_id: int | None = None


@retry_lost_races
def send_message(command: SendMessage, *, now: datetime) -> ContactMessage:
    """Keep the message, tell staff, acknowledge it to the writer. Raises AddressNotUsable."""
    email = normalise_email(command.email)
    with transaction():
        message = ContactMessage(
            name=command.name,
            email=email,
            topic=command.topic.label,
            body=command.body,
            user_id=command.user_id,
            business_id=command.business_id,
            created_at=now,
        )
        db.session.add(message)
        db.session.flush()
        history.record("message", message.id, "received", actor=Actor(command.user_id, command.name), at=now)
        post(Kind.MAIL_CONTACT_RECEIVED, message_id=message.id)
        post(Kind.MAIL_CONTACT_ACKNOWLEDGED, message_id=message.id)
    return message
