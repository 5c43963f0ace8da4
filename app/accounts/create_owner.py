"""The first person of a new shop: its owner, who has just chosen a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.add_staff import add_staff
from app.accounts.addresses import normalise_email
from app.accounts.models import User
from app.accounts.passwords import check_strength, hash_password
from app.accounts.permissions import Role
from app.accounts.queries import find_user_by_email
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True)
class CreateOwner:
    name: str
    email: str
    password: str = field(repr=False)


@retry_lost_races
def create_owner(command: CreateOwner, *, actor: Actor, now: datetime) -> User:
    """The owner's account; one that is there already under this address stays as it is. AddressNotUsable, PasswordTooWeak."""
    email = normalise_email(command.email)
    check_strength(command.password, email=email, name=command.name)
    password_hash = hash_password(command.password)
    with transaction():
        known: User | None = find_user_by_email(email)
        if known is not None:
            return known
        return add_staff(
            email=email,
            name=command.name.strip(),
            password_hash=password_hash,
            role=Role.SHOP_OWNER,
            actor=actor,
            now=now,
        )
