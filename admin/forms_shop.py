"""What the owner types about the shop, its shipping and its pages."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Regexp, ValidationError

from admin.fields import (
    EnumField,
    MoneyField,
    StaffForm,
    Unused,
    WholeNumberField,
)
from admin.form_rules import SLUG, at_most, list_states, named, strip
from app.shop.models import CaptureRule, HoldRule, ShippingKind, ShippingMethod, TextPage


class ShippingForm(StaffForm):
    code = StringField(
        "Code",
        filters=[strip],
        validators=[
            *named("Enter a short code, like ground.", 32),
            SLUG,
            Unused(ShippingMethod.code, "Another one has this code."),
        ],
    )
    name = StringField("Name", filters=[strip], validators=named("Enter the name buyers read.", 80))
    description = StringField(
        "In one line", filters=[strip], validators=at_most(200), description="Like: 3 to 5 business days."
    )
    kind = EnumField("Kind", ShippingKind)
    price_cents = MoneyField("Price", validators=[InputRequired("Enter an amount; 0 for free.")])
    free_above_cents = MoneyField("Free from goods worth", description="Empty = never free.")
    position = WholeNumberField("Position", default=0)
    is_active = BooleanField("Offered", default=True)


class TextPageForm(StaffForm):
    title = StringField("Title", filters=[strip], validators=named("Enter the page's title.", 120))
    slug = StringField(
        "Address",
        filters=[strip],
        validators=[
            *named("Enter the last part of the address, like privacy.", 60),
            SLUG,
            Unused(TextPage.slug, "Another page has this address."),
        ],
    )
    body = TextAreaField(
        "Text",
        filters=[strip],
        validators=named("Write the page's text.", 60_000),
        description="An empty line starts a new paragraph.",
    )
    position = WholeNumberField("Position", default=0)


class ShopFactsForm(StaffForm):
    name = StringField("Name", filters=[strip], validators=named("Enter the shop's name.", 80))
    tagline = StringField("In one line", filters=[strip], validators=at_most(160))
    email = StringField(
        "E-mail buyers write to",
        filters=[strip],
        validators=[
            *named("Enter an e-mail address.", 254),
            Email("Enter an address like hello@example.com."),
        ],
    )
    staff_email = StringField(
        "E-mail of staff",
        filters=[strip],
        validators=[
            *named("Enter an e-mail address.", 254),
            Email("Enter an address like orders@example.com."),
        ],
        description="Applications, paid orders and messages are told here.",
    )
    phone = StringField("Phone", filters=[strip], validators=at_most(20))
    hours = StringField(
        "Hours",
        filters=[strip],
        validators=at_most(120),
        description="Like: Monday to Friday, 9 to 5 Eastern.",
    )
    line1 = StringField("Street", filters=[strip], validators=at_most(120))
    line2 = StringField("Second line", filters=[strip], validators=at_most(120))
    city = StringField("City", filters=[strip], validators=at_most(80))
    state = SelectField(
        "State",
        choices={"": "Choose a state", **list_states()},
        description="Orders picked up are taxed here.",
    )
    postal_code = StringField(
        "ZIP",
        filters=[strip],
        validators=[Regexp(r"(\d{5}(-\d{4})?)?\Z", message="Enter a ZIP code like 04101.")],
    )
    time_zone = StringField(
        "Time zone", filters=[strip], description="Like America/New_York; all times are shown in it."
    )
    notice = StringField(
        "Line above every page",
        filters=[strip],
        validators=at_most(200),
        description="Empty = none. Like: Orders placed after Dec 18 ship in January.",
    )
    review_days = WholeNumberField(
        "Business days an application takes", least=1, description="Told to applicants."
    )
    capture_rule = EnumField(
        "Charge cards",
        CaptureRule,
        description="When an authorized card is charged. A hold ends after at most 7 days.",
    )
    hold_rule = EnumField(
        "Before a hold ends",
        HoldRule,
        description="Done 12 hours before, where nobody charged the card. Goods that left are always charged. A hold that is let "
        "go frees the goods, and the buyer gets a link to pay again.",
    )

    allows_pay_on_pickup = BooleanField(
        "Who picks up may pay then", description="In cash or by check; no card is asked for at checkout."
    )

    staff_need_second_factor = BooleanField(
        "Staff must use a second factor",
        description="A code from their phone at each sign-in. Who has none yet sets it up first, the next time they open the "
        "back office.",
    )

    def validate_time_zone(self, field: Any) -> None:
        if field.data not in available_timezones():
            raise ValidationError("Enter a zone like America/New_York.")
        ZoneInfo(field.data)
