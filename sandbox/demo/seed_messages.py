"""Seed the inbox: messages in every state, with their answers and moves."""

from datetime import datetime, timedelta

from app.accounts.models import User
from app.contact.models import ContactMessage, ContactReply
from app.contact.status import MessageStatus
from app.contact.topics import Topic
from app.extensions import db
from app.shared import history
from app.shared.history import Actor
from app.shared.transaction import transaction
from sandbox.demo.members import member
from sandbox.demo.messages import MESSAGES, DemoMessage

_S = MessageStatus


def seed_messages(now: datetime) -> int:
    """Add the messages that are missing; returns how many."""
    with transaction():
        there = set(db.session.scalars(db.select(ContactMessage.body)))
        missing = [each for each in MESSAGES if each.body not in there]
        for each in sorted(missing, key=lambda message: -message.hours_ago):
            _add(each, now - timedelta(hours=each.hours_ago))
        return len(missing)


def _add(each: DemoMessage, at: datetime) -> None:
    writer = _find_user(each.email)
    row = ContactMessage(
        name=each.name,
        email=each.email,
        topic=member(Topic, each.topic).label,
        body=each.body,
        user_id=writer.id if writer else None,
        business_id=writer.business_id if writer else None,
        created_at=at,
    )
    db.session.add(row)
    db.session.flush()
    history.record("message", row.id, "received", actor=Actor(row.user_id, each.name), at=at)
    staff = _find_user(each.assigned_to or "")
    if staff is None:
        return
    row.assigned_to_id = staff.id
    row.move_to(_S.ASSIGNED, actor=staff.as_actor, at=at + timedelta(hours=2), assignee_id=staff.id)
    if each.answer:
        answered = at + timedelta(hours=3)
        db.session.add(
            ContactReply(
                message_id=row.id,
                author_id=staff.id,
                author_name=staff.name,
                body=each.answer,
                created_at=answered,
            )
        )
        row.move_to(_S.ANSWERED, actor=staff.as_actor, at=answered)
    if each.status == _S.CLOSED.value:
        row.move_to(_S.CLOSED, actor=staff.as_actor, at=at + timedelta(hours=30))


def _find_user(email: str) -> User | None:
    found: User | None = db.session.scalars(db.select(User).filter_by(email=email)).one_or_none()
    return found
