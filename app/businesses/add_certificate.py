"""An approved business hands in another state's resale certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from app.businesses.certificate_rules import (
    CertificateDates,
    check_dates,
    clean_certificate_number,
    clean_certificate_state,
    clean_date,
)
from app.businesses.models import Business, ResaleCertificate, Upload
from app.businesses.queries import list_certificates
from app.businesses.status import BusinessStatus, CertificateStatus
from app.extensions import db
from app.shared import history
from app.shared.errors import AppError, Conflict, RulesBroken, Violation
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@dataclass(frozen=True, kw_only=True)
class AddCertificate:
    """What was typed, and the file, which was stored before (`keep_upload`)."""

    business_id: int
    number: str
    state: str
    issued_on: str
    expires_on: str
    upload_id: int | None


@retry_lost_races
def add_certificate(command: AddCertificate, *, actor: Actor, now: datetime, today: date) -> int:
    """Store it for staff to verify and return its id. RulesBroken names every wrong field; Conflict unless approved."""
    wrong: list[Violation] = []
    row = _build(command, today, wrong)
    with transaction():
        business = lock(Business, command.business_id)
        if business.status is not BusinessStatus.APPROVED:
            raise Conflict("Certificates can be added once your business is approved.")
        wrong += _check_file(command) + _check_known(command.business_id, row)
        if wrong:
            raise RulesBroken(wrong)
        row.business_id, row.upload_id, row.created_at = command.business_id, command.upload_id, now
        db.session.add(row)
        db.session.flush()
        history.record(
            "business",
            business.id,
            "certificate_added",
            actor=actor,
            at=now,
            number=row.number,
            state=row.state,
        )
        new_id: int = row.id
        return new_id


def _build(command: AddCertificate, today: date, wrong: list[Violation]) -> ResaleCertificate:
    row = ResaleCertificate(status=CertificateStatus.SUBMITTED, number="", state="")
    steps = (
        ("number", "certificate_number", lambda: clean_certificate_number(command.number)),
        ("state", "certificate_state", lambda: clean_certificate_state(command.state)),
        ("issued_on", "issued_on", lambda: clean_date(command.issued_on, "issued_on")),
        ("expires_on", "expires_on", lambda: clean_date(command.expires_on, "expires_on")),
    )
    for name, field, clean in steps:
        try:
            setattr(row, name, clean())
        except AppError as error:
            wrong.append(Violation("wrong", error.message, subject=field))
    told = {each.subject for each in wrong}
    needed = (
        ("number", "certificate_number", "Enter the certificate's number."),
        ("state", "certificate_state", "Choose the state that issued it."),
        ("issued_on", "issued_on", "Enter the date it was issued."),
    )
    wrong += [
        Violation("missing", words, subject=field)
        for name, field, words in needed
        if field not in told and not getattr(row, name, None)
    ]
    wrong += check_dates(CertificateDates(row.issued_on, row.expires_on), today)
    return row


def _check_file(command: AddCertificate) -> list[Violation]:
    held = db.session.get(Upload, command.upload_id) if command.upload_id else None
    if held is None or held.business_id != command.business_id:
        return [Violation("missing", "Choose the certificate's file.", subject="certificate_file")]
    return []


def _check_known(business_id: int, new: ResaleCertificate) -> list[Violation]:
    """The same paper twice would be verified twice."""
    for held in list_certificates(business_id):
        is_same = (held.state, held.number.casefold()) == (new.state, new.number.casefold())
        if is_same and held.status is not CertificateStatus.REJECTED and held.expires_on == new.expires_on:
            return [Violation("known", "We have this certificate already.", subject="certificate_number")]
    return []
