"""What makes the facts of a resale certificate right. Pure; field names are those of the forms."""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from app.shared.errors import AppError, Violation
from app.shared.us_states import STATE_NAMES

_LONGEST_NUMBER = 40
_EARLIEST_YEAR = 1950
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_US = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")


class CertificateDates(NamedTuple):
    """Issued, and the last day it holds; None is "not given" for the first, "never expires" for the second."""

    issued_on: date | None
    expires_on: date | None


def clean_certificate_number(text: str) -> str:
    number = " ".join(text.split())
    if len(number) > _LONGEST_NUMBER or not number.isprintable():
        raise AppError(
            f"Enter the number as it stands on the paper, at most {_LONGEST_NUMBER} characters.",
            "certificate_number",
        )
    return number


def clean_certificate_state(text: str) -> str:
    """The two letters of a state; nothing chosen stays nothing."""
    state = text.strip().upper()
    if state and state not in STATE_NAMES:
        raise AppError("Choose the state that issued the certificate.", "certificate_state")
    return state


def clean_date(text: str, field: str) -> date | None:
    """ "2026-11-20" (what a date field sends) or "11/20/2026" (what people type); nothing stays None."""
    text = text.strip()
    if not text:
        return None
    iso, us = _ISO.fullmatch(text), _US.fullmatch(text)
    parts = (iso[1], iso[2], iso[3]) if iso else (us[3], us[1], us[2]) if us else None
    wrong = AppError("Enter the date as month, day and year, like 11/20/2026.", field)
    if parts is None:
        raise wrong
    try:
        return date(int(parts[0]), int(parts[1]), int(parts[2]))
    except ValueError:
        raise wrong from None


def check_dates(dates: CertificateDates, today: date) -> list[Violation]:
    """A paper that is not yet issued, or no longer good, would have to be asked for again."""
    found = []
    issued, expires = dates
    if issued and (issued > today or issued.year < _EARLIEST_YEAR):
        words = "The issue date lies in the future." if issued > today else "The issue date is too long ago."
        found.append(_wrong("issued_on", f"{words} Copy it from the certificate."))
    if expires and expires < today:
        found.append(_wrong("expires_on", "This certificate has expired. Send the one that holds now."))
    elif issued and expires and expires <= issued:
        found.append(_wrong("expires_on", "It would end before it begins. Check both dates."))
    return found


def _wrong(field: str, message: str) -> Violation:
    return Violation("wrong_date", message, subject=field)
