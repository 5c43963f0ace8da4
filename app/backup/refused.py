"""A backup or a restore that cannot be done: said in words, and nothing was changed."""

from __future__ import annotations

from sqlalchemy.exc import DatabaseError

from app.shared.errors import AppError
from app.storage.contract import StorageAway


class BackupRefused(AppError):
    """The message says what is wrong and what to do."""


class BackupDamaged(BackupRefused):
    """The file is not, or no longer, what was written."""

    def __init__(self, what: str):
        super().__init__(f"This backup is damaged: {what}. Take another copy of it, or an older backup.")


class RestoreUnclear(BackupRefused):
    """The database went away while it was asked to keep the rows: it may have them, or the old ones."""

    def __init__(self) -> None:
        super().__init__(
            "The database went away at the last step, so it holds either the backup's rows or the ones before, "
            "all of them. Restore once more to be sure."
        )


def database_words(error: DatabaseError) -> str:
    """What the database itself said, without its driver's number and brackets."""
    cause = error.orig
    return str(cause.args[-1] if cause is not None and cause.args else cause)


def storage_refused(away: StorageAway, so: str) -> BackupRefused:
    """For whoever runs the command: what the place for files did, and what became of it, as `so` says."""
    return BackupRefused(
        f"The place for files cannot be used: {away.cause}. {so}; `flask check` looks at it."
    )
