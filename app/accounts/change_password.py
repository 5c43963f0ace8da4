"""Change the password while signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.accounts.models import TokenPurpose, User
from app.accounts.passwords import check_strength, hash_password, is_password
from app.accounts.queries import get_user
from app.accounts.tokens import end_tokens
from app.outbox.kinds import Kind
from app.outbox.post import post
from app.shared import history
from app.shared.errors import AppError, Conflict
from app.shared.transaction import lock, retry_lost_races, transaction


@dataclass(frozen=True)
class ChangePassword:
    user_id: int
    current: str = field(repr=False)
    new: str = field(repr=False)


class CurrentPasswordWrong(AppError):
    def __init__(self) -> None:
        super().__init__("This is not your present password.", field="current")


@retry_lost_races
def change_password(command: ChangePassword, *, now: datetime) -> User:
    """Change it, end all sessions (the caller signs the present one in again), and tell the owner by mail.

    Raises CurrentPasswordWrong, PasswordTooWeak (field "new"), and Conflict when it was changed meanwhile.
    """
    person = get_user(command.user_id)
    compared = person.password_hash
    if not is_password(command.current, compared):
        raise CurrentPasswordWrong()
    check_strength(command.new, email=person.email, name=person.name, field="new")
    hashed = hash_password(command.new)
    with transaction():
        user = lock(User, command.user_id)
        if user.password_hash != compared or not user.is_active:
            raise Conflict("Your password was changed somewhere else meanwhile. Sign in again.")
        user.password_hash = hashed
        user.session_epoch += 1
        end_tokens(user.id, TokenPurpose.RESET_PASSWORD, now)
        history.record("user", user.id, "password_changed", actor=user.as_actor, at=now)
        post(Kind.MAIL_PASSWORD_CHANGED, user_id=user.id)
    return user
