"""The only reader of the clock. Rules take the time as an argument; doors ask here."""

from datetime import UTC, datetime


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
