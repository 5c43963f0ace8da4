"""What the browser keeps between registering and confirming the address: sealed, and alike for known and new ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.fernet import InvalidToken

from app.shared.secret_box import secret_box


@dataclass(frozen=True)
class Pending:
    """A registration whose address is not confirmed. `user_id` is empty when the address belonged to somebody already;
    the name and the hashed password are kept so that a corrected address needs nothing typed again."""

    email: str
    name: str
    password_hash: str = field(repr=False)
    user_id: int | None
    sent_at: datetime

    def seal(self) -> str:
        """Encrypted text for the session; its length does not tell whether there is a user."""
        user_id = f"{self.user_id or 0:020d}"
        return secret_box.encrypt(
            json.dumps([self.email, self.name, self.password_hash, user_id, self.sent_at.isoformat()])
        )


def open_pending(sealed: object) -> Pending | None:
    """The registration that was sealed; None for anything else."""
    if not isinstance(sealed, str):
        return None
    try:
        email, name, password_hash, user_id, sent_at = json.loads(secret_box.decrypt(sealed))
    except (InvalidToken, ValueError):
        return None
    return Pending(email, name, password_hash, int(user_id) or None, datetime.fromisoformat(sent_at))
