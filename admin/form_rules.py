"""Validators and words that forms of the back office share."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from wtforms.validators import InputRequired, Length, Regexp

from admin.fields import (
    Unused,
)
from app.shared.us_states import STATE_NAMES

SLUG = Regexp(
    r"[a-z0-9]+(-[a-z0-9]+)*\Z",
    message="Use lower-case letters, digits and single dashes, like beeswax-candles.",
)


def named(message: str, most: int) -> list[Any]:
    """A text that must be there and fits its column."""
    return [InputRequired(message), Length(max=most, message=f"Use at most {most} characters.")]


def at_most(most: int) -> list[Any]:
    return [Length(max=most, message=f"Use at most {most} characters.")]


def strip(text: str | None) -> str:
    """Without space at the ends; never None."""
    return (text or "").strip()


def slug_of(text: str) -> str:
    """ "Bougie & Cire 8 oz" → "bougie-cire-8-oz"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def check_slug(form: Any, field: Any, column: Any) -> None:
    """Make it from the name where it was left empty; well-formed and unused."""
    field.data = field.data or slug_of(form.name.data or "")
    SLUG(form, field)
    Unused(column, "Another one has this address. Change a word.")(form, field)


def list_states() -> dict[str, str]:
    """{"ME": "Maine (ME)"}."""
    return {code: f"{name} ({code})" for code, name in STATE_NAMES.items()}
