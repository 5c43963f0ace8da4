"""Form fields of the back office: amounts, shares, enums, rows of other tables, and lists of rows inside a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_admin.contrib.sqla.fields import InlineModelFormList
from flask_wtf import FlaskForm
from sqlalchemy import func
from wtforms import Form, SelectField, StringField
from wtforms.validators import ValidationError

from app.extensions import db
from app.shared.money import Money
from app.shared.status import LabelEnum

_MOST_CENTS = 10**12
_MOST_DIGITS = 9


class StaffForm(FlaskForm):
    """A form that knows which row it edits, so that "already taken" does not mean itself."""

    def __init__(self, formdata: Any = None, obj: Any = None, **kwargs: Any):
        self.row = obj
        super().__init__(formdata=formdata, obj=obj, **kwargs)


class MoneyField(StringField):
    """Dollars as typed ("1,250.00"), Money in the row; empty is None."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return str(self.data).removeprefix("$") if isinstance(self.data, Money) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            amount = Money.from_dollars(text)
        except ValueError:
            raise ValueError("Enter dollars and cents, like 12.50.") from None
        if not 0 <= amount.cents <= _MOST_CENTS:
            raise ValueError("Enter an amount that is not negative, like 12.50.")
        self.data = amount


class PercentField(StringField):
    """Per cent as typed ("5.5"), a share in the row (Decimal("0.055"), five places)."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{(self.data * 100).normalize():f}" if isinstance(self.data, Decimal) else ""

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip().removesuffix("%").strip() if valuelist else ""
        self.data = None
        if not text:
            return
        try:
            share = Decimal(text) / 100
        except InvalidOperation:
            raise ValueError("Enter a rate in per cent, like 5.5.") from None
        if not share.is_finite() or not 0 <= share < 1 or share != round(share, 5):
            raise ValueError(
                "Enter a rate from 0 to under 100 per cent with at most three places, like 5.125."
            )
        self.data = share


def member_of(members: type[LabelEnum], value: Any) -> Any:
    """The member with that stored value; ValueError when there is none."""
    found = next((member for member in members if member.value == value), None)
    if found is None:
        raise ValueError(f"not one of {members.__name__}")
    return found


class EnumField(SelectField):
    """A member of a LabelEnum."""

    def __init__(self, label: str, members: type[LabelEnum], **kwargs: Any):
        self.members = members
        super().__init__(label, choices=dict(members.choices()), coerce=self._member, **kwargs)

    def _member(self, value: Any) -> LabelEnum:
        return value if isinstance(value, self.members) else member_of(self.members, value)

    def pre_validate(self, form: Any) -> None:
        if self.data is None:
            raise ValidationError("Choose one.")

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None


class RowField(SelectField):
    """A foreign key: `rows` gives (id, name) pairs when the form is made; `blank` names the empty choice, if allowed."""

    def __init__(
        self, label: str, rows: Callable[[], Iterable[tuple[int, str]]], blank: str = "", **kwargs: Any
    ):
        self.rows = rows
        self.blank = blank
        super().__init__(label, choices={}, coerce=self._key, **kwargs)

    def _key(self, value: Any) -> int | None:
        return int(value) if value not in (None, "", "None") else None

    def process(self, *args: Any, **kwargs: Any) -> None:
        blank = {"": self.blank} if self.blank else {}
        self.choices = blank | {str(key): name for key, name in self.rows()}
        super().process(*args, **kwargs)

    def pre_validate(self, form: Any) -> None:
        if ("" if self.data is None else str(self.data)) not in self.choices:
            raise ValidationError("Choose one from the list.")

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError("Choose one from the list.") from None


class Unused:
    """Validator: no other row has this value in the column, case aside."""

    def __init__(self, column: Any, message: str):
        self.column = column
        self.message = message

    def __call__(self, form: Any, field: Any) -> None:
        model = self.column.class_
        query = db.select(model.id).where(func.lower(self.column) == str(field.data or "").lower())
        own = getattr(getattr(form, "row", None), "id", None) or getattr(
            getattr(form, "id", None), "data", None
        )
        # The id of an inline row comes back from the page: what is none of ours belongs to no row.
        if own and str(own).isascii() and str(own).isdigit() and len(str(own)) < 19:
            query = query.where(model.id != int(own))
        with db.session.no_autoflush:
            if db.session.scalar(query.limit(1)) is not None:
                raise ValidationError(self.message)


class _NoRules:
    """What Flask-Admin's inline list asks its view for; our templates lay the fields out themselves."""

    form_widget_args = None
    _form_rules = None

    @staticmethod
    def _on_model_change(_field: Any, _row: Any, _is_created: bool) -> None:
        return None


class RowsField(InlineModelFormList):
    """Rows of another table inside this form. A new row whose `key` field is left empty is not there at all, so that a
    form without scripts can always offer one empty row."""

    def __init__(self, label: str, row_form: type[Form], model: Any, prop: str, key: str, **kwargs: Any):
        super().__init__(row_form, db, model, prop, _NoRules, label=label, **kwargs)
        self.key = key

    def process(self, *args: Any, **kwargs: Any) -> None:
        super().process(*args, **kwargs)
        self.entries: list[Any] = [
            entry for entry in self.entries if entry.get_pk() or str(entry.form[self.key].data or "").strip()
        ]

    def empty_row(self, number: str) -> Any:
        """A blank row; `__n__` as number is replaced by the desk's script when a row is added."""
        row = self.unbound_field.bind(form=None, name=f"{self.name}-{number}", _meta=self.meta)
        row.process(None)
        return row

    def row_title(self, entry: Any) -> str:
        return str(entry.form[self.key].data or "New")

    def is_removed(self, entry: Any) -> bool:
        return bool(self.should_delete(entry))


class WholeNumberField(StringField):
    """A whole number typed with or without commas; `least` is the smallest that makes sense."""

    def __init__(self, label: str, least: int = 0, **kwargs: Any):
        self.least = least
        super().__init__(label, **kwargs)

    def process_formdata(self, valuelist: list[str]) -> None:
        text = valuelist[0].strip().replace(",", "") if valuelist else ""
        self.data = None
        wrong = f"Enter a whole number, {self.least} or more."
        digits = text.removeprefix("-")
        if (
            not (digits.isascii() and digits.isdigit())
            or len(digits) > _MOST_DIGITS
            or int(text) < self.least
        ):
            raise ValueError(wrong)
        self.data = int(text)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else str(self.data)
