"""E-mail addresses in the one spelling they are stored in."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from app.shared.errors import AppError


class AddressNotUsable(AppError):
    def __init__(self, message: str = "Enter an e-mail address like name@example.com."):
        super().__init__(message, field="email")


def normalise_email(text: str) -> str:
    """The address as it is stored: checked, NFC, lower case. Raises AddressNotUsable.

    Whether mail arrives is found out by sending some, so no name server is asked.
    """
    try:
        found = validate_email(
            tidy_email(text), check_deliverability=False, test_environment=True, strict=True
        )
    except EmailNotValidError:
        raise AddressNotUsable() from None
    return found.normalized.lower()


def tidy_email(text: str) -> str:
    """What was typed in the spelling of stored addresses, unchecked: good for looking one up, never for storing."""
    return unicodedata.normalize("NFC", text).strip().lower()
