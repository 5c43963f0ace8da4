"""Save the first screen of an application: who the business is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.businesses.draft import Draft, note_changes, open_draft
from app.businesses.ein import clean_ein
from app.businesses.fact_rules import (
    clean_kind,
    clean_legal_name,
    clean_phone,
    clean_trade_name,
    clean_website,
)
from app.shared.errors import AppError, Violation
from app.shared.secret_box import secret_box
from app.shared.status import LabelEnum
from app.shared.transaction import retry_lost_races, transaction

_CLEAN: Mapping[str, Callable[[str], Any]] = {
    "legal_name": clean_legal_name,
    "trade_name": clean_trade_name,
    "kind": clean_kind,
    "phone": clean_phone,
    "website": clean_website,
}


@dataclass(frozen=True, kw_only=True)
class SaveBusinessFacts:
    """What was typed, by field; a field left out stays as it is. An empty EIN keeps the stored one."""

    user_id: int
    typed: Mapping[str, str]


@retry_lost_races
def save_business_facts(command: SaveBusinessFacts, *, now: datetime) -> list[Violation]:
    """Store everything that is right and return what is not, one violation a field. Fields not open are left alone."""
    with transaction():
        draft = open_draft(command.user_id, now=now)
        changes: dict[str, list[Any]] = {}
        wrong: list[Violation] = []
        for name, text in command.typed.items():
            if name not in draft.fields:
                continue
            try:
                _put(draft, name, text, changes)
            except AppError as error:
                wrong.append(Violation("wrong", error.message, subject=name))
        note_changes(draft, changes, now)
        return wrong


def _put(draft: Draft, name: str, text: str, changes: dict[str, list[Any]]) -> None:
    if name == "ein":
        _put_ein(draft, text, changes)
    elif name in _CLEAN:
        old, new = getattr(draft.business, name), _CLEAN[name](text)
        if old != new:
            setattr(draft.business, name, new)
            changes[name] = [_in_words(old), _in_words(new)]


def _put_ein(draft: Draft, text: str, changes: dict[str, list[Any]]) -> None:
    """The number itself is never in the history: only how it ends."""
    if not text.strip():
        return
    digits = clean_ein(text)
    business = draft.business
    fingerprint = secret_box.fingerprint(digits)
    if business.ein_fingerprint in secret_box.fingerprints(digits):
        return
    old = business.ein_masked
    business.ein_encrypted = secret_box.encrypt(digits)
    business.ein_fingerprint, business.ein_last4 = fingerprint, digits[-4:]
    changes["ein"] = [old, business.ein_masked]


def _in_words(value: Any) -> str:
    return value.label if isinstance(value, LabelEnum) else str(value or "")
