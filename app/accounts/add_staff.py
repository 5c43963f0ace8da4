"""The row of somebody who works here, whoever makes it and however they get their password."""

from __future__ import annotations

from datetime import datetime

from app.accounts.models import User
from app.accounts.permissions import Role
from app.extensions import db
from app.shared import history
from app.shared.history import Actor


def add_staff(*, email: str, name: str, password_hash: str, role: Role, actor: Actor, now: datetime) -> User:
    """A staff account in the open transaction; its (normalised) address counts as confirmed."""
    user = User(
        email=email, name=name, password_hash=password_hash, role=role, created_at=now, email_verified_at=now
    )
    db.session.add(user)
    db.session.flush()
    history.record("user", user.id, "staff_created", actor=actor, at=now, role=role.value)
    return user
