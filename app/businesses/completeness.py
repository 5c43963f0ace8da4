"""What an application must hold before it can be submitted. Pure; the fields' names are those of the form."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.shared.errors import Violation

# Every field staff may ask for again, with the words they and the applicant read.
FIELDS: dict[str, str] = {
    "legal_name": "Legal name",
    "trade_name": "Trade name",
    "kind": "Kind of business",
    "ein": "EIN",
    "phone": "Phone",
    "website": "Website",
    "address": "Business address",
    "certificate_number": "Certificate number",
    "certificate_state": "Certificate state",
    "certificate_dates": "Certificate dates",
    "certificate_file": "Certificate file",
}
OPTIONAL = frozenset({"trade_name", "website"})

# What to do about each needed field while it is empty.
_TO_DO: dict[str, str] = {
    "legal_name": "Enter the legal name, as it stands on your tax papers.",
    "kind": "Choose the kind of business.",
    "ein": "Enter the 9 digits of your EIN, like 12-3456789.",
    "phone": "Enter a phone number with its area code, like 207-555-0142.",
    "address": "Give the whole address.",
    "certificate_number": "Enter the certificate's number.",
    "certificate_state": "Choose the state that issued it.",
    "certificate_dates": "Enter the date it was issued.",
    "certificate_file": "Choose the certificate's file: a PDF, or a photo of the paper.",
}


@dataclass(frozen=True, kw_only=True)
class ApplicationFacts:
    """Which fields are filled: names out of FIELDS."""

    filled: frozenset[str]


def missing_fields(facts: ApplicationFacts) -> list[str]:
    """Names of the needed fields that are still empty, in the order of the form."""
    return [name for name in FIELDS if name not in OPTIONAL and name not in facts.filled]


def check_complete(facts: ApplicationFacts) -> list[Violation]:
    """One violation for each field that is missing."""
    return [
        Violation("missing", f"{FIELDS[name]} is missing.", "Fill it in", "businesses.application", name)
        for name in missing_fields(facts)
    ]


def check_fields(facts: ApplicationFacts, names: Collection[str]) -> list[Violation]:
    """The same for some fields only, in the words of a screen where they are filled in."""
    return [
        Violation("missing", _TO_DO[name], subject=name) for name in missing_fields(facts) if name in names
    ]
