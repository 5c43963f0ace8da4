"""What makes a US address deliverable as far as its shape tells. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.shared.errors import AppError
from app.shared.us_states import STATE_NAMES

_ZIP = re.compile(r"(\d{5})(?:-?(\d{4}))?")


@dataclass(frozen=True, kw_only=True)
class NewAddress:
    """An address as typed; `clean_address` makes it fit to be stored."""

    recipient: str
    line1: str
    city: str
    state: str
    postal_code: str
    line2: str = ""
    phone: str = ""
    label: str = ""


def clean_postal_code(text: str) -> str:
    """ "04101", "04101-1234" or "041011234" → "04101" or "04101-1234" (USPS ZIP and ZIP+4); AppError otherwise."""
    found = _ZIP.fullmatch(re.sub(r"\s", "", text))
    if not found:
        raise AppError("Enter the 5 digits of the ZIP code, like 04101.", "postal_code")
    return f"{found[1]}-{found[2]}" if found[2] else found[1]


def clean_state(text: str) -> str:
    """The two letters of a state or DC; AppError otherwise."""
    state = text.strip().upper()
    if state not in STATE_NAMES:
        raise AppError("Choose the state.", "state")
    return state


def clean_address(address: NewAddress) -> NewAddress:
    """The address with spaces tidied and ZIP and state in their one form; AppError names the first wrong field."""
    needed = {
        "recipient": "Enter who it goes to: a person or the business's name.",
        "line1": "Enter the street and number.",
        "city": "Enter the city.",
    }
    texts = {
        name: " ".join(getattr(address, name).split())
        for name in ("recipient", "line1", "line2", "city", "phone", "label")
    }
    for name, message in needed.items():
        if not texts[name]:
            raise AppError(message, name)
    return NewAddress(**texts, state=clean_state(address.state), postal_code=clean_postal_code(address.postal_code))
