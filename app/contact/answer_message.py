"""Answer a message: the answer is kept, and mailed."""

from __future__ import annotations

from datetime import datetime

from app.contact.models import ContactMessage, ContactReply
from app.contact.status import MessageStatus
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction

LONGEST = 5000


@retry_lost_races
def answer_message(
    message_id: int, body: str, *, author_id: int, actor: Actor, now: datetime
) -> ContactReply:
    """Keep the answer and post its mail; whoever answers an unassigned message has it. Conflict once it is closed."""
    text = body.strip()
    if not text:
        raise AppError("Write the answer first.", field="body")
    if len(text) > LONGEST:
        raise AppError(f"Use at most {LONGEST:,} characters.", field="body")
    with transaction():
        message = lock(ContactMessage, message_id)
        message.move_to(MessageStatus.ANSWERED, actor=actor, at=now)
        if message.assigned_to_id is None:
            message.assigned_to_id = author_id
        reply = ContactReply(
            message_id=message.id, author_id=author_id, author_name=actor.name, body=text, created_at=now
        )
        db.session.add(reply)
        db.session.flush()
        post(Kind.MAIL_CONTACT_REPLY, reply_id=reply.id)
    return reply
