"""What makes a US address deliverable as far as its shape tells. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.shared.errors import AppError, Violation
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


_NEEDED = {
    "recipient": "Enter who it goes to: a person or the business's name.",
    "line1": "Enter the street and number.",
    "city": "Enter the city.",
}
# As long as the columns; a parcel label takes no more.
_LONGEST = {"recipient": 120, "line1": 120, "line2": 120, "city": 80, "phone": 20, "label": 60}


def check_address(address: NewAddress) -> list[Violation]:
    """Everything that is wrong with it at once, one violation a field; `subject` names the field."""
    found = []
    for name, longest in _LONGEST.items():
        text = getattr(address, name).strip()
        if not text and name in _NEEDED:
            found.append(Violation("missing", _NEEDED[name], subject=name))
        elif len(text) > longest:
            found.append(Violation("too_long", f"Keep this under {longest} characters.", subject=name))
    for name, clean in (("state", clean_state), ("postal_code", clean_postal_code)):
        try:
            clean(getattr(address, name))
        except AppError as wrong:
            code = "wrong" if getattr(address, name).strip() else "missing"
            found.append(Violation(code, wrong.message, subject=name))
    return found


def clean_address(address: NewAddress) -> NewAddress:
    """The address with spaces tidied and ZIP and state in their one form; AppError names the first wrong field."""
    texts = {
        name: " ".join(getattr(address, name).split())
        for name in ("recipient", "line1", "line2", "city", "phone", "label")
    }
    for name, message in _NEEDED.items():
        if not texts[name]:
            raise AppError(message, name)
    for name, longest in _LONGEST.items():
        if len(texts[name]) > longest:
            raise AppError(f"Keep this under {longest} characters.", name)
    return NewAddress(
        **texts, state=clean_state(address.state), postal_code=clean_postal_code(address.postal_code)
    )
