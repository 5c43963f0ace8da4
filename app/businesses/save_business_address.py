"""Save the second screen of an application: the business's own address."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime

from app.businesses.address_rules import NewAddress, check_address, clean_postal_code, clean_state
from app.businesses.draft import Draft, note_changes, open_draft
from app.businesses.models import Address
from app.businesses.queries import find_main_address
from app.extensions import db
from app.shared.errors import Violation
from app.shared.transaction import retry_lost_races, transaction


@retry_lost_races
def save_business_address(user_id: int, address: NewAddress, *, now: datetime) -> list[Violation]:
    """Store the parts that are right and return what is not. An address with gaps stays with the draft alone: it cannot
    be submitted. Nothing is stored when the address is not open to changes."""
    wrong = check_address(address)
    with transaction():
        draft = open_draft(user_id, now=now)
        if "address" not in draft.fields:
            return []
        row = find_main_address(draft.business.id) or _begin(draft, now)
        old = one_line(row)
        _put(row, address, keep={each.subject for each in wrong if each.code != "missing"})
        new = one_line(row)
        note_changes(draft, {"address": [old, new]} if old != new else {}, now)
        return wrong


def one_line(address: Address) -> str:
    """ "Fern & Finch, 12 Main St, Portland, ME 04101"; what is missing is left out."""
    parts = (
        address.recipient,
        address.line1,
        address.line2,
        address.city,
        f"{address.state} {address.postal_code}",
    )
    return ", ".join(part.strip() for part in parts if part.strip())


def _begin(draft: Draft, now: datetime) -> Address:
    row = Address(
        business_id=draft.business.id, recipient="", line1="", line2="", city="", state="", postal_code="", phone="",
        label="", is_main=True, is_default_shipping=True, is_default_billing=True, created_at=now,
    )  # fmt: skip
    db.session.add(row)
    return row


def _put(row: Address, address: NewAddress, keep: set[str]) -> None:
    """Every part that is right, or was emptied; wrong parts stay what they were."""
    for each in fields(address):
        if each.name in keep or each.name == "label":
            continue
        text = " ".join(getattr(address, each.name).split())
        if text and each.name == "state":
            text = clean_state(text)
        elif text and each.name == "postal_code":
            text = clean_postal_code(text)
        setattr(row, each.name, text)
