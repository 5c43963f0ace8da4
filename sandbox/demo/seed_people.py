"""Seed staff, businesses with their papers and people, and the moves that brought each where it stands."""

import hashlib
from datetime import datetime, timedelta

from app.accounts.models import User, UserStatus
from app.accounts.passwords import hash_password
from app.accounts.permissions import Role
from app.businesses.models import Address, Business, CustomerGroup, ResaleCertificate, Upload
from app.businesses.status import BusinessKind, BusinessStatus, CertificateStatus
from app.extensions import db
from app.shared import history
from app.shared.history import Actor
from app.shared.secret_box import secret_box
from app.shared.transaction import transaction
from app.shared.us_states import STATE_NAMES
from app.storage.contract import Shelf
from sandbox.demo.catalogue import load_catalogue
from sandbox.demo.members import member
from sandbox.demo.paper import Certificate, draw_certificate
from sandbox.demo.people import DEMO_PASSWORD, PEOPLE, DemoBusiness, DemoCertificate, DemoPerson

_S = BusinessStatus
REVIEWER = "support@harborandpine.example"


def seed_people(now: datetime, papers: Shelf) -> int:
    """Add the people and businesses that are missing; returns how many people. Suspensions come after the orders."""
    with transaction():
        there = set(db.session.scalars(db.select(User.email)))
        password = hash_password(DEMO_PASSWORD)  # one hash for all: they share the password anyway
        added = _seed_staff(there, password, now)
        for business in PEOPLE.businesses:
            missing = [person for person in business.people if person.email not in there]
            if missing:
                row = _seed_business(business, now)
                people = [
                    _add_person(person, row, password, business.registered_days_ago, now)
                    for person in missing
                ]
                _seed_papers(business, row, people[0], now, papers)
                _walk_application(business, row, people[0], now)
                added += len(missing)
        for newcomer in PEOPLE.newcomers:
            if newcomer.email not in there:
                _add_person(newcomer, None, password, 0, now, is_verified=False)
                added += 1
        return added


def suspend_suspended(now: datetime) -> int:
    """Put on hold whom the demo knows as suspended; their orders were placed before."""
    with transaction():
        owner = _user("owner@harborandpine.example")
        suspended = 0
        for each in PEOPLE.businesses:
            row = _find_business(each)
            if each.suspended_days_ago is None or row is None or row.status is not _S.APPROVED:
                continue
            if history_knows(row.id, _S.SUSPENDED):
                continue  # somebody has lifted it since
            at = now - timedelta(days=each.suspended_days_ago)
            row.move_to(_S.SUSPENDED, actor=owner.as_actor, at=at, reason=each.review_note)
            row.review_note = each.review_note
            row.updated_at = at
            suspended += 1
        return suspended


def history_knows(business_id: int, status: BusinessStatus) -> bool:
    """Whether the business ever moved to that status."""
    return any(entry.to_status == status.value for entry in history.list_history("business", business_id))


def _user(email: str) -> User:
    found: User = db.session.scalars(db.select(User).filter_by(email=email)).one()
    return found


def _find_business(each: DemoBusiness) -> Business | None:
    found: Business | None = db.session.scalars(
        db.select(Business).filter_by(legal_name=each.legal_name)
    ).first()
    return found


def _seed_staff(there: set[str], password: str, now: datetime) -> int:
    hired = now - timedelta(days=400)
    missing = [each for each in PEOPLE.staff if each.email not in there]
    for each in missing:
        db.session.add(
            User(
                email=each.email,
                name=each.name,
                password_hash=password,
                role=member(Role, each.role),
                created_at=hired,
                email_verified_at=hired,
            )
        )
    db.session.flush()
    return len(missing)


def _add_person(
    person: DemoPerson,
    business: Business | None,
    password: str,
    days_ago: int,
    now: datetime,
    *,
    is_verified: bool = True,
) -> User:
    registered = now - timedelta(days=days_ago, hours=4)
    confirmed = registered + timedelta(minutes=6)
    user = User(
        email=person.email,
        name=person.name,
        password_hash=password,
        role=member(Role, person.role),
        business_id=business.id if business else None,
        created_at=registered,
        email_verified_at=confirmed if is_verified else None,
    )
    db.session.add(user)
    db.session.flush()
    history.record("user", user.id, "registered", actor=user.as_actor, at=registered)
    if is_verified:
        history.record("user", user.id, "address_confirmed", actor=user.as_actor, at=confirmed)
    if not person.is_active:
        left = registered + timedelta(days=days_ago // 2)
        owner = _user("owner@harborandpine.example")
        user.move_to(UserStatus.DEACTIVATED, actor=owner.as_actor, at=left, reason="Left the company")
    return user


def _seed_business(each: DemoBusiness, now: datetime) -> Business:
    known = _find_business(each)
    if known is not None:
        return known
    registered = now - timedelta(days=each.registered_days_ago, hours=3)
    digits = each.ein.replace("-", "")
    row = Business(
        status=_S.DRAFT,
        legal_name=each.legal_name,
        trade_name=each.trade_name,
        kind=member(BusinessKind, each.kind),
        ein_encrypted=secret_box.encrypt(digits) if digits else "",
        ein_fingerprint=secret_box.fingerprint(digits) if digits else None,
        ein_last4=digits[-4:],
        phone=each.phone,
        website=each.website,
        staff_note=each.staff_note,
        created_at=registered,
        updated_at=registered,
    )
    db.session.add(row)
    db.session.flush()
    for number, address in enumerate(each.addresses):
        is_first = number == 0
        db.session.add(
            Address(
                business_id=row.id,
                label=address.label,
                recipient=address.recipient,
                line1=address.line1,
                line2=address.line2,
                city=address.city,
                state=address.state,
                postal_code=address.postal_code,
                phone=each.phone,
                is_main=is_first,
                is_default_shipping=is_first,
                is_default_billing=is_first,
                created_at=registered,
            )
        )
    return row


def _seed_papers(each: DemoBusiness, row: Business, sender: User, now: datetime, papers: Shelf) -> None:
    for paper in each.certificates:
        sent = now - timedelta(days=each.applied_days_ago or 0, hours=2)
        upload = _store_upload(
            _draw(each, paper, sender, now), f"resale-certificate-{paper.state.lower()}.pdf", papers
        )
        upload.business_id, upload.user_id, upload.created_at = row.id, sender.id, sent
        db.session.add(upload)
        db.session.flush()
        is_decided = paper.status != "submitted" and each.decided_days_ago is not None
        db.session.add(
            ResaleCertificate(
                business_id=row.id,
                status=member(CertificateStatus, paper.status),
                number=paper.number,
                state=paper.state,
                issued_on=(now + timedelta(days=paper.issued_in_days)).date(),
                expires_on=_day(paper.expires_in_days, now),
                upload_id=upload.id,
                verified_by_id=_user(REVIEWER).id if paper.status == "verified" else None,
                verified_at=_decided_at(each, now) if is_decided and paper.status == "verified" else None,
                rejected_reason="Outlet, not a shop" if paper.status == "rejected" else "",
                created_at=sent,
            )
        )


def _day(in_days: int | None, now: datetime) -> object:
    return None if in_days is None else (now + timedelta(days=in_days)).date()


def _draw(each: DemoBusiness, paper: DemoCertificate, sender: User, now: datetime) -> bytes:
    place = each.addresses[0]
    facts = Certificate(
        state_name=STATE_NAMES[paper.state],
        number=paper.number,
        legal_name=each.legal_name,
        trade_name=each.trade_name,
        address=f"{place.line1}, {place.city}, {place.state} {place.postal_code}",
        ein=each.ein,
        kind=member(BusinessKind, each.kind).label,
        issued_on=(now + timedelta(days=paper.issued_in_days)).date(),
        expires_on=None
        if paper.expires_in_days is None
        else (now + timedelta(days=paper.expires_in_days)).date(),
        signed_by=sender.name,
    )
    return draw_certificate(facts, is_cut_off=each.status == "needs_information")


def _store_upload(content: bytes, original_name: str, papers: Shelf) -> Upload:
    """The file under a name nobody can guess, where no web server looks; its row still without an owner."""
    digest = hashlib.sha256(content).hexdigest()
    stored_name = f"{secret_box.fingerprint(digest)[:32]}.pdf"
    papers.put(stored_name, content)
    return Upload(
        stored_name=stored_name,
        original_name=original_name,
        content_type="application/pdf",
        size=len(content),
        sha256=digest,
    )


def _decided_at(each: DemoBusiness, now: datetime) -> datetime:
    return now - timedelta(days=each.decided_days_ago or 0, minutes=50)


def _walk_application(each: DemoBusiness, row: Business, applicant: User, now: datetime) -> None:
    """The moves from draft to where it stands (suspended ones to approved), each with its history row."""
    if each.applied_days_ago is None:
        return
    row.submitted_at = now - timedelta(days=each.applied_days_ago, hours=1)
    row.updated_at = row.submitted_at
    row.move_to(_S.SUBMITTED, actor=applicant.as_actor, at=row.submitted_at)
    if each.decided_days_ago is None:
        return
    reviewer, at = _user(REVIEWER).as_actor, _decided_at(each, now)
    row.updated_at = at
    if each.group:
        _approve(each, row, reviewer, at)
        return
    row.move_to(member(_S, each.status), actor=reviewer, at=at, reason=each.review_note)
    row.review_note, row.requested_fields = each.review_note, list(each.requested_fields)
    row.decided_at = at if each.status == "rejected" else None


def _approve(each: DemoBusiness, row: Business, reviewer: Actor, at: datetime) -> None:
    name = next(group.name for group in load_catalogue().customer_groups if group.slug == each.group)
    row.group_id = db.session.scalars(db.select(CustomerGroup.id).filter_by(name=name)).one()
    row.decided_at = at
    row.move_to(_S.APPROVED, actor=reviewer, at=at, group=name)
