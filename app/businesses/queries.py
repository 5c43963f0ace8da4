"""Reads of businesses. Whatever a buyer may see is asked for with the business's id."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import joinedload

from app.businesses.address_rules import NewAddress, check_address
from app.businesses.completeness import FIELDS, ApplicationFacts
from app.businesses.models import Address, Business, CustomerGroup, ResaleCertificate, Upload
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.shared.errors import NotFound

# More than anybody reads in a day; the rest comes up as these are decided.
_LONGEST_QUEUE = 200


@dataclass(frozen=True)
class Application:
    """A business with the papers its application consists of."""

    business: Business
    address: Address | None
    certificate: ResaleCertificate | None

    @property
    def facts(self) -> ApplicationFacts:
        """Which of the application's fields are filled rightly."""
        return ApplicationFacts(filled=frozenset(name for name in FIELDS if self._is_filled(name)))

    def _is_filled(self, name: str) -> bool:
        paper = self.certificate
        if name == "address":
            return self.address is not None and not check_address(as_typed(self.address))
        if name == "certificate_dates":
            return paper is not None and paper.issued_on is not None
        if name == "certificate_file":
            return paper is not None and paper.upload_id is not None
        if name.startswith("certificate_"):
            return bool(paper and getattr(paper, name.removeprefix("certificate_")))
        return bool(self.business.ein_last4 if name == "ein" else getattr(self.business, name))


def as_typed(address: Address) -> NewAddress:
    """A stored address in the shape it is typed in."""
    names = ("recipient", "line1", "line2", "city", "state", "postal_code", "phone", "label")
    return NewAddress(**{name: getattr(address, name) for name in names})


def get_own_business(business_id: int | None) -> Business:
    """The business of somebody signed in; NotFound when there is none."""
    business: Business | None = db.session.get(Business, business_id) if business_id else None
    if business is None:
        raise NotFound("There is no business here yet.")
    return business


def get_application(business_id: int | None) -> Application:
    """A business with its main address, its first certificate and that one's file."""
    business = get_own_business(business_id)
    return Application(business, find_main_address(business.id), find_application_certificate(business.id))


def find_application(business_id: int | None) -> Application:
    """The same for somebody who may not have begun: then a blank one that is not stored."""
    return get_application(business_id) if business_id else Application(Business(), None, None)


def find_main_address(business_id: int) -> Address | None:
    """The address given in the application."""
    query = db.select(Address).filter_by(business_id=business_id, is_main=True, archived_at=None)
    address: Address | None = db.session.scalars(query.order_by(Address.id)).first()
    return address


def find_application_certificate(business_id: int) -> ResaleCertificate | None:
    """The certificate given in the application: the first one of the business."""
    query = (
        db.select(ResaleCertificate)
        .filter_by(business_id=business_id)
        .options(joinedload(ResaleCertificate.upload))
    )
    certificate: ResaleCertificate | None = db.session.scalars(query.order_by(ResaleCertificate.id)).first()
    return certificate


def list_certificates(business_id: int) -> list[ResaleCertificate]:
    """All certificates of a business with their files, the first one first."""
    query = (
        db.select(ResaleCertificate)
        .filter_by(business_id=business_id)
        .options(joinedload(ResaleCertificate.upload))
    )
    return list(db.session.scalars(query.order_by(ResaleCertificate.id)))


def list_addresses(business_id: int) -> list[Address]:
    """The book without what was archived: the default first, then by age."""
    query = db.select(Address).filter_by(business_id=business_id, archived_at=None)
    return list(db.session.scalars(query.order_by(Address.is_default_shipping.desc(), Address.id)))


def get_address_for_business(address_id: int, business_id: int | None) -> Address:
    """An address in the business's own book; NotFound for any other, and for one that was removed."""
    query = db.select(Address).filter_by(id=address_id, business_id=business_id, archived_at=None)
    address: Address | None = db.session.scalars(query).one_or_none()
    if address is None:
        raise NotFound("This address is no longer in your address book.")
    return address


def get_upload(upload_id: int, *, business_id: int | None, is_staff: bool) -> Upload:
    """A private file: for the people of its business, and for staff who may see papers; NotFound for everyone else."""
    upload: Upload | None = db.session.get(Upload, upload_id)
    if upload is None or not (is_staff or upload.business_id == business_id):
        raise NotFound()
    return upload


def find_own_upload(upload_id: str | None, business_id: int) -> Upload | None:
    """The file a form names, if it is the business's own; None for anything else a form may hold."""
    if not (upload_id and upload_id.isascii() and upload_id.isdigit() and len(upload_id) < 19):
        return None
    query = db.select(Upload).filter_by(id=int(upload_id), business_id=business_id)
    upload: Upload | None = db.session.scalars(query).one_or_none()
    return upload


def list_queue(status: BusinessStatus) -> list[Application]:
    """Applications in this status with their main addresses; whoever waits longest stands first. Two queries."""
    query = (
        db.select(Business)
        .filter_by(status=status)
        .order_by(Business.submitted_at, Business.id)
        .limit(_LONGEST_QUEUE)
    )
    waiting = list(db.session.scalars(query))
    mains = db.select(Address).where(Address.business_id.in_([each.id for each in waiting]), Address.is_main)
    by_business = {address.business_id: address for address in db.session.scalars(mains)} if waiting else {}
    return [Application(each, by_business.get(each.id), None) for each in waiting]


def list_groups() -> list[CustomerGroup]:
    """The customer groups, the one given unless another is chosen first."""
    query = db.select(CustomerGroup).order_by(CustomerGroup.is_default.desc(), CustomerGroup.name)
    return list(db.session.scalars(query))
