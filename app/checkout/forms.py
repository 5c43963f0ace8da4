"""The shape of what is typed at checkout."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from app.businesses.address_rules import NewAddress
from app.businesses.models import Address
from app.checkout.payment_ways import Way
from app.orders.payment_method import PaymentMethod
from app.pricing.shipping import ShippingRule, charge_shipping
from app.shared.money import Money
from app.shared.us_states import STATE_NAMES

NEW = "new"
SAME = "same"
_STATES = [SelectChoice("", "Choose"), *(SelectChoice(code, name) for code, name in STATE_NAMES.items())]


class AddressFields(Form):
    """One address; who may leave it empty is decided by the choice above it."""

    recipient = StringField("Name or business", [Length(max=120, message="Keep the name under 120 letters.")])
    line1 = StringField("Street and number", [Length(max=120, message="Keep the street under 120 letters.")])
    line2 = StringField(
        "Suite, floor, door", [Optional(), Length(max=120, message="Keep this under 120 letters.")]
    )
    city = StringField("City", [Length(max=80, message="Keep the city under 80 letters.")])
    state = SelectField("State", choices=_STATES, validate_choice=False)
    postal_code = StringField(
        "ZIP code", [Length(max=12, message="Enter the 5 digits of the ZIP code, like 04101.")]
    )

    def to_address(self) -> NewAddress:
        return NewAddress(**{name: field.data or "" for name, field in self._fields.items()})


class DeliveryForm(FlaskForm):
    shipping_method = RadioField("How it reaches you", coerce=str, validate_choice=False)
    address = RadioField("Where it goes", coerce=str, validate_choice=False)
    new_address = FormField(AddressFields)
    po_number = StringField(
        "Your PO number", [Optional(), Length(max=40, message="Keep the PO number under 40 characters.")]
    )
    note = TextAreaField(
        "A note for us", [Optional(), Length(max=2000, message="Keep the note under 2,000 letters.")]
    )

    def offer(self, addresses: tuple[Address, ...], rules: tuple[ShippingRule, ...], subtotal: Money) -> None:
        """Fill the choices, and choose where there is only one way."""
        self.shipping_method.choices = [SelectChoice(str(rule.method_id), rule.name) for rule in rules]
        self.address.choices = _offered(addresses)
        self.hints = {str(rule.method_id): rule.description for rule in rules}
        self.asides = {str(rule.method_id): _price_words(rule, subtotal) for rule in rules}


class PlaceForm(FlaskForm):
    """`shown_total` is what the page showed, in cents; it is compared, never charged."""

    checkout_token = HiddenField(validators=[InputRequired(), Length(max=36)])
    shown_total = HiddenField(validators=[InputRequired(), Length(max=15)])
    payment_method = RadioField(
        "How you pay", coerce=str, validate_choice=False, default=PaymentMethod.CARD.value
    )
    source_token = StringField("Card", [Length(max=255)])
    billing = RadioField("Billing address", coerce=str, validate_choice=False, default=SAME)
    new_billing = FormField(AddressFields)
    accept_terms = BooleanField(
        "I accept the terms of sale", [InputRequired("Tick the box to accept the terms of sale.")]
    )

    # The button that is there while cards cannot be asked.
    later = SubmitField("Place the order now, pay later by link")

    def offer(self, addresses: tuple[Address, ...], is_pickup: bool, ways: tuple[Way, ...]) -> None:
        self.payment_method.choices = [SelectChoice(way.method.value, way.name) for way in ways]
        same = "Your business's address" if is_pickup else "Same as the delivery address"
        self.billing.choices = [SelectChoice(SAME, same), *_offered(addresses)]


def chosen_id(text: str | None) -> int | None:
    """The id a radio field sent; None for anything that is no id."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def _offered(addresses: tuple[Address, ...]) -> list[SelectChoice]:
    book = [SelectChoice(str(each.id), one_line(each)) for each in addresses]
    return [*book, SelectChoice(NEW, "Another address")]


def one_line(address: Address) -> str:
    """ "Fern & Finch, 12 Main St, Portland, ME 04101"."""
    street = ", ".join(part for part in (address.recipient, address.line1, address.line2) if part)
    return f"{street}, {address.city}, {address.state} {address.postal_code}"


def _price_words(rule: ShippingRule, subtotal: Money) -> str:
    price = charge_shipping(rule, subtotal).price
    return str(price) if price else "Free"
