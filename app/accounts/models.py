"""People who sign in, and the single-use tokens their mails carry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from flask_login import UserMixin
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.permissions import ROLE_PERMISSIONS, STAFF_ROLES, Permission, Role
from app.extensions import db
from app.shared.cluster import Guarded
from app.shared.columns import BigId, Id, UtcDateTime, status_type
from app.shared.history import Actor
from app.shared.status import LabelEnum
from app.shared.tracked import Tracked


class UserStatus(LabelEnum):
    ACTIVE = "active", "Active"
    DEACTIVATED = "deactivated", "Deactivated"


class TokenPurpose(LabelEnum):
    VERIFY_EMAIL = "verify_email", "Verify e-mail address"
    RESET_PASSWORD = "reset_password", "Reset password"


class User(Guarded, Tracked, UserMixin, db.Model):  # type: ignore[name-defined,misc]
    """A person. `session_epoch` is part of every session: raising it signs the person out everywhere."""

    __tablename__ = "users"
    subject: ClassVar[str] = "user"
    moves: ClassVar[Mapping[UserStatus, frozenset[UserStatus]]] = {
        UserStatus.ACTIVE: frozenset({UserStatus.DEACTIVATED}),
        UserStatus.DEACTIVATED: frozenset({UserStatus.ACTIVE}),
    }

    id: Mapped[Id]
    # Normalised (lower case, NFC), because MariaDB compares without case and SQLite does not.
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(status_type(Role, "role"), default=Role.BUSINESS_OWNER)
    status: Mapped[UserStatus] = mapped_column(status_type(UserStatus, "status"), default=UserStatus.ACTIVE)
    business_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("businesses.id"), index=True)
    session_epoch: Mapped[int] = mapped_column(default=1)
    email_verified_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # On since then; what it is stands in second_factor/models.py.
    second_factor_since: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # Set with each request for staff who must set up a second factor first: until then they hold no permission.
    is_held_back = False

    def get_id(self) -> str:
        """What Flask-Login keeps in the session: the id and the epoch it was issued in."""
        return f"{self.id}.{self.session_epoch}"

    @property
    def is_active(self) -> bool:
        return self.status is UserStatus.ACTIVE

    @property
    def is_verified(self) -> bool:
        return self.email_verified_at is not None

    @property
    def is_staff(self) -> bool:
        return self.role in STAFF_ROLES

    def can(self, permission: Permission) -> bool:
        return not self.is_held_back and permission in ROLE_PERMISSIONS[self.role]

    @property
    def as_actor(self) -> Actor:
        return Actor(self.id, self.name)


class UserToken(db.Model):  # type: ignore[name-defined,misc]
    """A link sent by mail: the mail signs the row's id when it is sent; using it fills `used_at`, once."""

    __tablename__ = "user_tokens"
    __table_args__ = (Index("ix_user_tokens_user", "user_id", "purpose"),)

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"))
    purpose: Mapped[TokenPurpose] = mapped_column(status_type(TokenPurpose, "purpose"))
    # The address it was made for: a link sent to a mistyped address dies when the address is corrected.
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UserSession(db.Model):  # type: ignore[name-defined,misc]
    """One sign-in on one device. The cookie carries a random key of which only the digest is kept here; the row gone,
    the person is signed out there. It counts only in the epoch it was begun in."""

    __tablename__ = "user_sessions"

    id: Mapped[Id]
    user_id: Mapped[int] = mapped_column(BigId, ForeignKey("users.id"), index=True)
    key_digest: Mapped[str] = mapped_column(String(64), unique=True)
    epoch: Mapped[int]
    # "Firefox on Windows" and "203.0.113.x": enough to know one's own devices again, nothing to follow anyone with.
    device: Mapped[str] = mapped_column(String(60))
    address: Mapped[str] = mapped_column(String(45))
    began_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # Noted when something was sent, at most every ten minutes: pages that only read write nothing.
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RateCount(db.Model):  # type: ignore[name-defined,misc]
    """How often something was tried in a window, where there is no Redis to count in."""

    __tablename__ = "rate_counts"

    key: Mapped[str] = mapped_column(String(190), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
