"""Reads of messages."""

from __future__ import annotations

from sqlalchemy import func
from sqlalchemy.orm import selectinload

from app.contact.models import ContactMessage
from app.contact.status import MessageStatus
from app.extensions import db
from app.shared.errors import NotFound

# Somebody still waits for us.
OPEN = (MessageStatus.NEW, MessageStatus.ASSIGNED)


def get_message(message_id: int) -> ContactMessage:
    """One message with its replies; NotFound otherwise."""
    query = db.select(ContactMessage).options(selectinload(ContactMessage.replies))
    found: ContactMessage | None = db.session.scalars(
        query.where(ContactMessage.id == message_id)
    ).one_or_none()
    if found is None:
        raise NotFound("There is no such message.")
    return found


def list_messages(statuses: tuple[MessageStatus, ...], *, page: int, size: int = 50) -> list[ContactMessage]:
    """One page of messages: whoever waits longest first, what is done newest first."""
    order = ContactMessage.id if set(statuses) <= set(OPEN) else ContactMessage.id.desc()
    query = db.select(ContactMessage).where(ContactMessage.status.in_(statuses)).order_by(order)
    return list(db.session.scalars(query.offset((page - 1) * size).limit(size)))


def count_messages(statuses: tuple[MessageStatus, ...]) -> int:
    query = db.select(func.count()).select_from(ContactMessage).where(ContactMessage.status.in_(statuses))
    return int(db.session.scalar(query) or 0)
