"""The shape of what people type about their business. What makes it right is decided by the rules below."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from flask_wtf import FlaskForm
from wtforms import FileField, HiddenField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from app.businesses.add_certificate import AddCertificate
from app.businesses.address_rules import NewAddress
from app.businesses.documents import StoredDocument
from app.businesses.models import Address
from app.businesses.queries import Application
from app.businesses.save_business_certificate import SaveBusinessCertificate
from app.businesses.save_business_facts import SaveBusinessFacts
from app.businesses.status import BusinessKind
from app.businesses.steps import Step
from app.shared.errors import Violation
from app.shared.us_states import STATE_NAMES

_NOTHING = SelectChoice("", "Choose")
_STATES = [_NOTHING, *(SelectChoice(code, name) for code, name in STATE_NAMES.items())]
_KINDS = [_NOTHING, *(SelectChoice(kind.value, kind.label) for kind in BusinessKind)]
# Which control a field of the application stands in, where their names differ.
_CONTROLS = {"certificate_dates": "issued_on", "address": "line1"}


class BusinessForm(FlaskForm):
    def keep_only(self, names: Collection[str]) -> None:
        """Take away the controls of fields that are not open."""
        for control in [each.name for each in self if each.type != "CSRFTokenField"]:
            if _field_of(control) not in names:
                del self[control]

    def show(self, violations: Sequence[Violation]) -> None:
        """Each message beside its control, one a control; whatever has none stands on top."""
        for each in violations:
            control = _CONTROLS.get(each.subject, each.subject)
            if control not in self:
                self.form_errors.append(each.message)
            elif not self[control].errors:
                self[control].errors = [each.message]


def _field_of(control: str) -> str:
    if control in {"issued_on", "expires_on"}:
        return "certificate_dates"
    return "address" if control in NewAddress.__dataclass_fields__ and control != "phone" else control


class FactsForm(BusinessForm):
    legal_name = StringField("Legal name")
    trade_name = StringField("Trade name", [Optional()])
    kind = SelectField("Kind of business", choices=_KINDS, validate_choice=False)
    ein = StringField("EIN")
    phone = StringField("Phone")
    website = StringField("Website", [Optional()])

    def to_command(self, user_id: int) -> SaveBusinessFacts:
        typed = {each.name: str(each.data or "") for each in self if each.type != "CSRFTokenField"}
        return SaveBusinessFacts(user_id=user_id, typed=typed)


class AddressForm(BusinessForm):
    recipient = StringField("Business or person")
    line1 = StringField("Street and number")
    line2 = StringField("Suite, floor, door", [Optional()])
    city = StringField("City")
    state = SelectField("State", choices=_STATES, validate_choice=False)
    postal_code = StringField("ZIP code")

    def to_address(self) -> NewAddress:
        return NewAddress(
            **{each.name: str(each.data or "") for each in self if each.type != "CSRFTokenField"}
        )


class BookAddressForm(AddressForm):
    """An address of the book also has a name of its own, and a number for the carrier."""

    label = StringField("A name for it", [Optional()])
    phone = StringField("Phone for deliveries", [Optional()])

    @classmethod
    def of(cls, address: Address | None) -> BookAddressForm:
        return cls(obj=address)


class CertificateForm(BusinessForm):
    certificate_number = StringField("Certificate number")
    certificate_state = SelectField("State that issued it", choices=_STATES, validate_choice=False)
    issued_on = StringField("Issued on")
    expires_on = StringField("Expires on", [Optional()])
    certificate_file = FileField("Certificate")

    def to_command(self, user_id: int, document: StoredDocument | None) -> SaveBusinessCertificate:
        return SaveBusinessCertificate(
            user_id=user_id,
            number=self._typed("certificate_number"),
            state=self._typed("certificate_state"),
            issued_on=self._typed("issued_on"),
            expires_on=self._typed("expires_on"),
            document=document,
        )

    def _typed(self, name: str) -> str | None:
        return str(self[name].data or "") if name in self else None


class NewCertificateForm(CertificateForm):
    """`kept` is the id of a file that came with an earlier try."""

    kept = HiddenField()

    def to_new(self, business_id: int, upload_id: int | None) -> AddCertificate:
        return AddCertificate(
            business_id=business_id,
            number=self.certificate_number.data or "",
            state=self.certificate_state.data or "",
            issued_on=self.issued_on.data or "",
            expires_on=self.expires_on.data or "",
            upload_id=upload_id,
        )


class SendForm(BusinessForm):
    answer = TextAreaField(
        "Anything you want to tell us", [Optional(), Length(max=2000, message="Keep it under 2,000 letters.")]
    )


def build_form(step: Step, application: Application) -> BusinessForm:
    """The form of a screen with what is stored so far. The EIN is never filled in again."""
    business, address, paper = application.business, application.address, application.certificate
    if step is Step.FACTS:
        kind = business.kind.value if business.kind else ""
        names = ("legal_name", "trade_name", "phone", "website")
        return FactsForm(kind=kind, **{name: getattr(business, name) or "" for name in names})
    if step is Step.ADDRESS:
        return (
            AddressForm(obj=address)
            if address
            else AddressForm(recipient=business.trade_name or business.legal_name)
        )
    if step is Step.CERTIFICATE:
        return CertificateForm(
            certificate_number=paper.number if paper else "",
            certificate_state=paper.state if paper else (address.state if address else ""),
            issued_on=_iso(paper.issued_on if paper else None),
            expires_on=_iso(paper.expires_on if paper else None),
        )
    return SendForm()


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
