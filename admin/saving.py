"""Old → new of every change made in a form, for the history; and whether somebody else changed the row meanwhile."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from app.extensions import db
from app.shared.history import Actor, HistoryEntry, record
from app.shared.money import Money
from app.shared.status import LabelEnum

# Never written to the history, not even encrypted or hashed.
_SECRETS = frozenset({"password_hash", "ein_encrypted", "ein_fingerprint", "session_epoch"})
_MASK = "•••"
# Changed by every save, told by the history row's own time.
_NOISE = frozenset({"id", "updated_at", "created_at"})
_LONGEST = 300


def plain(value: Any) -> Any:
    """A value as JSON keeps it and as people read it."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, LabelEnum):
        return value.label
    if isinstance(value, Money | Decimal):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def changes_of(row: Any) -> dict[str, list[Any]]:
    """{column: [old, new]} of what is about to be written; secrets masked."""
    state = inspect(row)
    changes = {}
    for column in state.mapper.column_attrs:
        past = state.attrs[column.key].history
        if column.key in _NOISE or not past.has_changes():
            continue
        old, new = (values[0] if values else None for values in (past.deleted, past.added))
        if old == new or (old is None and new in ("", {}, [])):
            continue
        changes[column.key] = [_MASK, _MASK] if column.key in _SECRETS else [plain(old), plain(new)]
    return changes


def record_changes(main: Any, subject: str, event: str, *, actor: Actor, at: datetime) -> HistoryEntry | None:
    """Write one history row about `main` for everything this form changed, its inline rows included."""
    session = db.session()
    changes = changes_of(main)
    parts = [_part(row) for row in [*session.new, *session.dirty, *session.deleted] if row is not main]
    parts = [part for part in parts if part]
    session.flush()
    if not changes and not parts and event == "edited":
        return None
    details: dict[str, Any] = {"changes": changes}
    if parts:
        details["parts"] = parts
    return record(subject, main.id, event, actor=actor, at=at, **details)


def record_removal(row: Any, subject: str, name: str, *, actor: Actor, at: datetime) -> HistoryEntry:
    """Write that the row was deleted, with what it held."""
    held = {
        column.key: [plain(getattr(row, column.key)), None] for column in inspect(row).mapper.column_attrs
    }
    kept = {key: value for key, value in held.items() if key not in _SECRETS and value[0] not in (None, "")}
    return record(subject, row.id, "deleted", actor=actor, at=at, name=name, changes=kept)


def _part(row: Any) -> dict[str, Any] | None:
    if isinstance(row, HistoryEntry):
        return None
    state = inspect(row)
    what = (
        "added" if state.transient or state.pending else "removed" if row in db.session.deleted else "changed"
    )
    changes = {} if what == "removed" else changes_of(row)
    if what == "changed" and not changes:
        return None
    return {"what": what, "row": f"{type(row).__name__} {row}", "changes": changes}


def fingerprint(rows: Iterable[Any]) -> str:
    """A digest of all columns of the rows as they are stored now."""
    values = [
        [(column.key, repr(getattr(row, column.key))) for column in inspect(row).mapper.column_attrs]
        for row in rows
    ]
    return hashlib.sha256(repr(values).encode()).hexdigest()


def stored_values(row: Any) -> list[tuple[str, Any]]:
    """(column, value) as stored now, for somebody whose form has gone stale."""
    columns = [
        column.key for column in inspect(row).mapper.column_attrs if column.key not in _SECRETS | _NOISE
    ]
    return [(key.replace("_", " "), plain(getattr(row, key))) for key in columns]
