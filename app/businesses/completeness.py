"""What an application must hold before it can be submitted. Pure; the fields' names are those of the form."""

from __future__ import annotations

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
