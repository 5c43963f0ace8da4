"""Save the third screen of an application: the resale certificate and its file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.businesses.certificate_rules import (
    CertificateDates,
    check_dates,
    clean_certificate_number,
    clean_certificate_state,
    clean_date,
)
from app.businesses.documents import StoredDocument
from app.businesses.draft import Draft, note_changes, open_draft
from app.businesses.models import ResaleCertificate, Upload
from app.businesses.queries import find_application_certificate
from app.businesses.status import CertificateStatus
from app.businesses.uploads import add_upload
from app.extensions import db
from app.shared.errors import AppError, Violation
from app.shared.transaction import retry_lost_races, transaction


@dataclass(frozen=True, kw_only=True)
class SaveBusinessCertificate:
    """What was typed; None leaves a part as it is. Dates as typed; an empty end means that it never expires."""

    user_id: int
    number: str | None = None
    state: str | None = None
    issued_on: str | None = None
    expires_on: str | None = None
    document: StoredDocument | None = None


@retry_lost_races
def save_business_certificate(
    command: SaveBusinessCertificate, *, now: datetime, today: date
) -> list[Violation]:
    """Store everything that is right, the file among it, and return what is not; fields not open are left alone."""
    with transaction():
        draft = open_draft(command.user_id, now=now)
        row = find_application_certificate(draft.business.id) or _begin(draft, now)
        changes: dict[str, list[Any]] = {}
        wrong = [
            *_put_text(row, draft, "number", command.number, changes),
            *_put_text(row, draft, "state", command.state, changes),
            *_put_dates(row, draft, command, today, changes),
        ]
        _put_file(row, draft, command.document, now, changes)
        if changes and row.status is CertificateStatus.REJECTED:
            row.status, row.rejected_reason = CertificateStatus.SUBMITTED, ""
        note_changes(draft, changes, now)
        return wrong


def _begin(draft: Draft, now: datetime) -> ResaleCertificate:
    row = ResaleCertificate(business_id=draft.business.id, number="", state="", created_at=now)
    row.status = CertificateStatus.SUBMITTED
    db.session.add(row)
    return row


_CLEAN = {"number": clean_certificate_number, "state": clean_certificate_state}


def _put_text(
    row: ResaleCertificate, draft: Draft, name: str, text: str | None, changes: dict[str, list[Any]]
) -> list[Violation]:
    field = f"certificate_{name}"
    if text is None or field not in draft.fields:
        return []
    try:
        new = _CLEAN[name](text)
    except AppError as error:
        return [Violation("wrong", error.message, subject=field)]
    if getattr(row, name) != new:
        changes[field] = [getattr(row, name), new]
        setattr(row, name, new)
    return []


def _put_dates(
    row: ResaleCertificate,
    draft: Draft,
    command: SaveBusinessCertificate,
    today: date,
    changes: dict[str, list[Any]],
) -> list[Violation]:
    typed = {"issued_on": command.issued_on, "expires_on": command.expires_on}
    if "certificate_dates" not in draft.fields or None in typed.values():
        return []
    wrong, dates = [], {}
    for name, text in typed.items():
        try:
            dates[name] = clean_date(text or "", name)
        except AppError as error:
            wrong.append(Violation("wrong", error.message, subject=name))
    wrong += check_dates(CertificateDates(dates.get("issued_on"), dates.get("expires_on")), today)
    for name in {*dates} - {each.subject for each in wrong}:
        if getattr(row, name) != dates[name]:
            changes[name] = [str(getattr(row, name) or ""), str(dates[name] or "")]
            setattr(row, name, dates[name])
    return wrong


def _put_file(
    row: ResaleCertificate,
    draft: Draft,
    document: StoredDocument | None,
    now: datetime,
    changes: dict[str, list[Any]],
) -> None:
    if document is None or "certificate_file" not in draft.fields:
        return
    old = db.session.get(Upload, row.upload_id) if row.upload_id else None
    upload = add_upload(document, business_id=draft.business.id, user_id=draft.user.id, now=now)
    row.upload_id = upload.id
    changes["certificate_file"] = [old.original_name if old else "", upload.original_name]
