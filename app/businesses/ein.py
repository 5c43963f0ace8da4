"""Employer identification numbers: cleaned, checked, masked. Pure."""

from __future__ import annotations

import re

from app.shared.errors import AppError

# Two-digit prefixes the IRS has never assigned to a campus (IRS, "How EINs are assigned and valid EIN prefixes").
_NEVER_ASSIGNED = frozenset(
    {"00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89", "96", "97"}
)


def clean_ein(text: str) -> str:
    """ "12-3456789", "12 3456789" or "123456789" → "123456789"; AppError says what to type."""
    digits = re.sub(r"[\s\-–.]", "", text)
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise AppError("Enter the 9 digits of your EIN, like 12-3456789.", "ein")
    if digits[:2] in _NEVER_ASSIGNED or len(set(digits)) == 1:
        raise AppError(f"No EIN begins with {digits[:2]}. Check the number on your IRS letter.", "ein")
    return digits


def format_ein(digits: str) -> str:
    """ "123456789" → "12-3456789"."""
    return f"{digits[:2]}-{digits[2:]}"
