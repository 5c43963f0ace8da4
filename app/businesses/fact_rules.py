"""What makes a business's facts right, one by one: each gives the tidy form or says what to type. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit

import phonenumbers

from app.businesses.status import BusinessKind
from app.shared.errors import AppError

_LONGEST_NAME = 160
_LONGEST_WEBSITE = 200


def clean_legal_name(text: str) -> str:
    name = _tidy(text)
    if len(name) > _LONGEST_NAME:
        raise AppError(f"Keep the legal name under {_LONGEST_NAME} letters.", "legal_name")
    return name


def clean_trade_name(text: str) -> str:
    name = _tidy(text)
    if len(name) > _LONGEST_NAME:
        raise AppError(f"Keep the trade name under {_LONGEST_NAME} letters.", "trade_name")
    return name


def clean_kind(text: str) -> BusinessKind | None:
    """A kind's stored value → the kind; nothing chosen → None."""
    if not text.strip():
        return None
    kind = next((each for each in BusinessKind if each.value == text), None)
    if kind is None:
        raise AppError("Choose the kind of business from the list.", "kind")
    return kind


def clean_phone(text: str) -> str:
    """ "207 555-0142" → "+12075550142" (E.164); numbers of other countries begin with their + code."""
    if not text.strip():
        return ""
    wrong = AppError("Enter a phone number with its area code, like 207-555-0142.", "phone")
    if len(text) > 60:
        raise wrong
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        raise wrong from None
    if not phonenumbers.is_possible_number(number) or number.extension:
        raise wrong
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_website(text: str) -> str:
    """ "fernandfinch.example" → "https://fernandfinch.example"; nothing stays nothing."""
    address = "".join(text.split())
    if not address:
        return ""
    wrong = AppError("Enter the address of your website, like www.example.com, or leave it empty.", "website")
    address = address if "://" in address else f"https://{address}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise wrong from None
    is_web = parts.scheme.lower() in {"http", "https"} and "." in host.strip(".") and "@" not in parts.netloc
    if not is_web or len(address) > _LONGEST_WEBSITE or not address.isprintable():
        raise wrong
    return address


def _tidy(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
