"""Give somebody a staff account from the command line: how the first person gets into the back office."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.add_staff import add_staff
from app.accounts.addresses import normalise_email
from app.accounts.models import TokenPurpose, User, UserToken
from app.accounts.passwords import hash_password
from app.accounts.permissions import STAFF_ROLES, Role
from app.accounts.queries import find_user_by_email
from app.accounts.tokens import add_token
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True)
class CreateStaff:
    """`link_lifetime` is how long the link that sets the first password works."""

    email: str
    name: str
    role: Role
    link_lifetime: timedelta


@retry_lost_races
def create_staff(command: CreateStaff, *, actor: Actor, now: datetime) -> tuple[User, UserToken]:
    """The new user and the token of the link with which they choose their password; there is none until then.

    AppError for an address that has an account already, AddressNotUsable, or a role that is no staff role.
    """
    if command.role not in STAFF_ROLES:
        raise AppError(f"{command.role.label} is not a staff role.")
    email = normalise_email(command.email)
    unguessable = hash_password(secrets.token_urlsafe(32))
    with transaction():
        if find_user_by_email(email):
            raise AppError(f"{email} has an account already. Change its role in the back office instead.")
        user = add_staff(
            email=email,
            name=command.name.strip() or email.partition("@")[0],
            password_hash=unguessable,
            role=command.role,
            actor=actor,
            now=now,
        )
        token = add_token(user, TokenPurpose.RESET_PASSWORD, now=now, lifetime=command.link_lifetime)
    return user, token
