"""The three answers to an application as forms; what they lead to is decided by the use cases."""

from __future__ import annotations

from collections.abc import Sequence

from flask_wtf import FlaskForm
from wtforms import RadioField, SelectChoice, SelectField, SelectMultipleField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import CheckboxInput

from app.businesses.completeness import FIELDS
from app.businesses.models import CustomerGroup, ResaleCertificate
from app.shared.money import Money

_LONGEST = Length(max=1500, message="Keep it under 1,500 letters.")

# Reasons to start from; what is written below is added to the chosen one. The applicant reads both.
PREPARED_REASONS = (
    "We sell to businesses that resell or use our goods in their trade, and from what you sent we could not see that yours does.",
    "The resale certificate does not name the business that applied.",
    "We could not confirm the resale certificate with the state that issued it.",
    "We could not confirm the EIN for this business.",
    "There is an account for this business already. Please ask the person who opened it, or write to us.",
)


class TicksField(SelectMultipleField):
    """Any number of choices, each a box to tick."""

    option_widget = CheckboxInput()


class ApproveForm(FlaskForm):
    group = RadioField("Customer group", coerce=str, validate_choice=False)
    certificates = TicksField("Verified", coerce=str, validate_choice=False)

    def offer(self, groups: Sequence[CustomerGroup], papers: Sequence[ResaleCertificate]) -> None:
        self.group.choices = [SelectChoice(str(each.id), each.name) for each in groups]
        self.certificates.choices = [
            SelectChoice(str(each.id), f"{each.state} {each.number}") for each in papers
        ]
        self.hints = {str(each.id): terms_of(each) for each in groups}
        if self.group.data in {None, "None", ""} and groups:
            self.group.data = str(groups[0].id)

    def validate_group(self, field: RadioField) -> None:
        if field.data not in {choice.value for choice in field.choices}:
            raise ValidationError("Choose a customer group.")


class RejectForm(FlaskForm):
    prepared = SelectField(
        "Reason to start from",
        choices=[
            SelectChoice("", "None of these"),
            *(SelectChoice(str(n), words) for n, words in enumerate(PREPARED_REASONS)),
        ],
        validate_choice=False,
    )
    reason = TextAreaField("In your own words", [_LONGEST])

    @property
    def whole_reason(self) -> str:
        known = {str(number): words for number, words in enumerate(PREPARED_REASONS)}
        parts = (known.get(self.prepared.data or "", ""), (self.reason.data or "").strip())
        return "\n\n".join(part for part in parts if part)

    def validate_reason(self, field: TextAreaField) -> None:
        if not self.whole_reason:
            raise ValidationError("Choose a reason or write one. The applicant reads it.")


class AskForm(FlaskForm):
    fields = TicksField(
        "Open these fields",
        choices=[SelectChoice(name, words) for name, words in FIELDS.items()],
        validate_choice=False,
    )
    question = TextAreaField(
        "Your question", [InputRequired("Write what you need. The applicant reads it."), _LONGEST]
    )

    def validate_fields(self, field: SelectMultipleField) -> None:
        if not set(field.data or ()) & set(FIELDS):
            raise ValidationError("Choose at least one field for the applicant to change.")


def terms_of(group: CustomerGroup) -> str:
    """ "First order from $250.00, later ones from $100.00. Card only." """
    first, later = group.first_order_minimum_cents, group.reorder_minimum_cents
    minimum = (
        "No minimum order."
        if first == later == Money(0)
        else f"First order from {first}, later ones from {later}."
    )
    limit = f", up to {group.credit_limit_cents}" if group.credit_limit_cents is not None else ""
    paying = f"Net {group.net_terms_days} days{limit}." if group.net_terms_days else "Card only."
    return " ".join(part for part in (group.description, minimum, paying) if part)
