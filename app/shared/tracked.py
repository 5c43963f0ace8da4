"""The one way a status changes: checked against the allowed moves, with a history row beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from app.shared import history
from app.shared.history import Actor
from app.shared.status import LabelEnum, check_move


class Tracked:
    """Mix-in for a table with `id` and `status`; name the subject and its moves on the class."""

    subject: ClassVar[str]
    moves: ClassVar[Mapping[Any, frozenset[Any]]]
    id: Any
    status: Any

    def move_to(
        self, after: LabelEnum, *, actor: Actor, at: datetime, reason: str = "", **details: Any
    ) -> None:
        """Change the status and write the history row; Conflict when the move is not allowed."""
        before = self.status
        check_move(self.moves, before, after)
        self.status = after
        history.record(
            self.subject,
            self.id,
            after.value,
            actor=actor,
            at=at,
            from_status=before,
            to_status=after,
            reason=reason,
            **details,
        )
