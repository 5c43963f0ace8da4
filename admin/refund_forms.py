"""Forms of the order desk about less: what is refunded, what cannot be shipped, what goes back on the shelf."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import Length

from admin.fields import MoneyField, WholeNumberField, member_of
from admin.form_rules import strip
from app.mail.refund_facts import way_of
from app.orders.models import OrderLine
from app.orders.shorten_order import Shorter
from app.payments.refund_left import RefundablePayment
from app.payments.refund_payment import RefundPayment
from app.payments.refund_sum import Left
from app.payments.status import RefundKind
from app.shared.errors import AppError
from app.shared.money import Money

_SHORT = Length(max=192, message="Keep the reason under 192 letters.")
_KINDS = {
    RefundKind.LINES.value: "Units of its lines",
    RefundKind.AMOUNT.value: "An amount",
    RefundKind.WHOLE.value: "All that is left",
}
BACK, GONE = "back", "gone"


class UnitsField(WholeNumberField):
    """How many units; left empty is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = 0
        if valuelist and valuelist[0].strip():
            super().process_formdata(valuelist)


class LinesForm(FlaskForm):
    """Fields for each line, named by its id: `<name>_<line id>`."""

    def of_line(self, name: str, line_id: int) -> Field:
        """For templates, which know the line and not the field's whole name."""
        return self[f"{name}_{line_id}"]

    def has_line(self, name: str, line_id: int) -> bool:
        """Whether there is such a field: a line of which nothing is left has none."""
        return f"{name}_{line_id}" in self

    def by_line(self, name: str, line_ids: Iterable[int]) -> dict[int, int]:
        """{line id: what was entered}; nothing where the form has no such field."""
        return {each: self[f"{name}_{each}"].data or 0 for each in line_ids if f"{name}_{each}" in self}

    def refuse(self, refused: AppError) -> None:
        """Put a refusal of the shop's rules beside the field it is about, or above all fields."""
        field = self._fields.get(refused.field or "")
        if field is None:
            self.form_errors.append(refused.message)
        else:
            field.errors = [*field.errors, refused.message]


class RefundForm(LinesForm):
    payment = RadioField("Goes back to", coerce=str, validate_choice=False)
    kind = RadioField(
        "What is refunded",
        choices=[SelectChoice(value, words) for value, words in _KINDS.items()],
        default=RefundKind.LINES.value,
    )
    with_shipping = BooleanField("The shipping, with its tax")
    amount = MoneyField("Amount")
    reason = StringField("Why", [_SHORT])

    def offer(self, payments: Sequence[RefundablePayment]) -> None:
        """The payments it can go back to; one that is not among them is refused by the shop's own rule."""
        self.payment.choices = [SelectChoice(str(each.payment.id), payment_words(each)) for each in payments]
        if self.payment.data in {None, "None", ""} and payments:
            self.payment.data = str(payments[0].payment.id)

    def to_command(self, order_id: int, line_ids: Sequence[int], shown: Money | None) -> RefundPayment:
        payment_id = self.payment.data or ""
        is_number = payment_id.isascii() and payment_id.isdigit() and len(payment_id) < 19
        return RefundPayment(
            order_id=order_id,
            payment_id=int(payment_id) if is_number else 0,
            kind=member_of(RefundKind, self.kind.data),
            reason=self.reason.data or "",
            units=self.by_line("units", line_ids),
            with_shipping=bool(self.with_shipping.data),
            amount=self.amount.data,
            on_the_shelf=self.by_line("shelf", line_ids),
            shown=shown,
        )


class CloseRefundForm(FlaskForm):
    """That there must be a reason is the shop's own rule (app/payments/close_refund.py)."""

    reason = StringField("Why nothing more is to do", [_SHORT], filters=[strip])


class ShortenForm(LinesForm):
    def to_changes(self, lines: Sequence[OrderLine]) -> list[Shorter]:
        """Every line as it was filled in; lines that stay as they are change nothing."""
        return [
            Shorter(
                line_id=line.id,
                quantity=self.of_line("units", line.id).data,
                reason=self.of_line("why", line.id).data or "",
                is_gone=self.of_line("rest", line.id).data == GONE,
            )
            for line in lines
        ]


def build_refund_form(left: Left, *, has_left_the_house: bool) -> RefundForm:
    """A form with a field for each line of which something can be refunded, filled from the request."""
    fields: dict[str, Any] = {}
    for line in left.lines:
        if not line.units_left:
            continue
        fields[f"units_{line.line_id}"] = UnitsField(f"Units of {line.name} to refund")
        if has_left_the_house:
            fields[f"shelf_{line.line_id}"] = UnitsField(f"Units of {line.name} back on the shelf")
    made: RefundForm = type("RefundFormOfOrder", (RefundForm,), fields)()
    return made


def build_shorten_form(lines: Sequence[OrderLine]) -> ShortenForm:
    fields: dict[str, Any] = {}
    for line in lines:
        fields[f"units_{line.id}"] = WholeNumberField(
            f"Units of {line.product_name} that ship", default=line.quantity
        )
        fields[f"why_{line.id}"] = StringField("Why", [_SHORT], default=line.short_reason)
        fields[f"rest_{line.id}"] = SelectField(
            "The others",
            choices=[
                SelectChoice(BACK, "Go back on the shelf"),
                SelectChoice(GONE, "Are gone: broken or lost"),
            ],
        )
    made: ShortenForm = type("ShortenFormOfOrder", (ShortenForm,), fields)()
    return made


def payment_words(each: RefundablePayment) -> str:
    """ "to the card (Visa ending 1111): $120.00 left of $621.48" """
    way = way_of(each.payment).replace("your ", "the ").replace("you owe", "they owe")
    return f"{way[0].upper()}{way[1:]}: {each.left} left of {each.payment.amount_cents}"
