"""The shape of what staff type, one class a table."""

from __future__ import annotations

import re
import unicodedata
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask_wtf.file import FileField
from wtforms import BooleanField, Form, HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import Email, InputRequired, Length, Regexp, ValidationError

from admin.fields import (
    EnumField,
    MoneyField,
    PercentField,
    RowField,
    RowsField,
    StaffForm,
    Unused,
    WholeNumberField,
)
from app.businesses.models import CustomerGroup
from app.catalog.models import Category, Product, Sku, TaxClass
from app.extensions import db
from app.pricing.models import PriceList
from app.shared.us_states import STATE_NAMES
from app.shop.models import CaptureRule, ShippingKind, ShippingMethod, TextPage

_SLUG = Regexp(
    r"[a-z0-9]+(-[a-z0-9]+)*\Z",
    message="Use lower-case letters, digits and single dashes, like beeswax-candles.",
)


def named(message: str, most: int) -> list[Any]:
    """A text that must be there and fits its column."""
    return [InputRequired(message), Length(max=most, message=f"Use at most {most} characters.")]


def at_most(most: int) -> list[Any]:
    return [Length(max=most, message=f"Use at most {most} characters.")]


def strip(text: str | None) -> str:
    """Without space at the ends; never None."""
    return (text or "").strip()


def slug_of(text: str) -> str:
    """ "Bougie & Cire 8 oz" → "bougie-cire-8-oz"."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def list_categories() -> list[tuple[int, str]]:
    """(id, "Kitchen › Mugs") of every category, in the tree's order."""
    rows = {
        row.id: row
        for row in db.session.scalars(db.select(Category).order_by(Category.position, Category.name))
    }

    def path(row: Category, seen: frozenset[int] = frozenset()) -> str:
        above = rows.get(row.parent_id or 0)
        return (
            row.name if above is None or above.id in seen else f"{path(above, seen | {row.id})} › {row.name}"
        )

    return sorted(((row.id, path(row)) for row in rows.values()), key=lambda pair: pair[1].casefold())


def list_price_lists() -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in db.session.scalars(db.select(PriceList).order_by(PriceList.name))]


class CategoryForm(StaffForm):
    name = StringField("Name", filters=[strip], validators=named("Enter the category's name.", 80))
    slug = StringField(
        "Address", filters=[strip], description="The last part of the page's address. Left empty, it is made from the name.",
        validators=at_most(80),
    )  # fmt: skip
    parent_id = RowField("Stands under", list_categories, blank="Nothing (a top category)")
    description = TextAreaField("Description", filters=[strip], validators=at_most(300))
    position = WholeNumberField("Position", default=0, description="Lower numbers come first.")

    def validate_slug(self, field: Any) -> None:
        check_slug(self, field, Category.slug)

    def validate_parent_id(self, field: Any) -> None:
        above, seen = field.data, set()
        while self.row is not None and above is not None and above not in seen:
            if above == self.row.id:
                raise ValidationError("A category cannot stand under itself.")
            seen.add(above)
            above = db.session.scalar(db.select(Category.parent_id).where(Category.id == above))


def check_slug(form: Any, field: Any, column: Any) -> None:
    """Make it from the name where it was left empty; well-formed and unused."""
    field.data = field.data or slug_of(form.name.data or "")
    _SLUG(form, field)
    Unused(column, "Another one has this address. Change a word.")(form, field)


class OptionsField(StringField):
    """What tells siblings apart: "Size: 8 oz; Scent: Lavender" ⇄ {"Size": "8 oz", "Scent": "Lavender"}."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "; ".join(f"{name}: {value}" for name, value in (self.data or {}).items())

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = {}
        for part in (valuelist[0] if valuelist else "").split(";"):
            name, colon, value = part.partition(":")
            if part.strip() and not (colon and name.strip() and value.strip()):
                raise ValueError("Write a name, a colon and a value, like Size: 8 oz; Scent: Lavender.")
            if part.strip():
                self.data[name.strip()] = value.strip()


class SkuForm(Form):
    id = HiddenField()
    code = StringField(
        "SKU",
        filters=[strip],
        validators=[
            *named("Enter the SKU, like HP-1204.", 40),
            Unused(Sku.code, "Another product has this SKU."),
        ],
    )
    options = OptionsField(
        "Options", description="Like Size: 8 oz; Scent: Lavender. Empty when there is only one."
    )
    price_cents = MoneyField("Price of one unit", validators=[InputRequired("Enter the price of one unit.")])
    case_pack = WholeNumberField(
        "Case pack", least=1, default=1, description="Sold in whole cases of this many."
    )
    minimum_quantity = WholeNumberField("Minimum quantity", least=1, default=1, description="In units.")
    weight_grams = WholeNumberField("Weight in grams", default=0)
    tax_class = EnumField("Tax", TaxClass, default=TaxClass.STANDARD)
    barcode = StringField("Barcode", filters=[strip], validators=at_most(20))
    position = WholeNumberField("Position", default=0)
    is_active = BooleanField("On sale", default=True)

    def validate_code(self, field: Any) -> None:
        field.data = field.data.upper()


class ProductForm(StaffForm):
    name = StringField("Name", filters=[strip], validators=named("Enter the product's name.", 120))
    slug = StringField(
        "Address", filters=[strip], description="The last part of the page's address. Left empty, it is made from the name.",
        validators=at_most(120),
    )  # fmt: skip
    category_id = RowField("Category", list_categories)
    brand = StringField("Brand", filters=[strip], validators=at_most(80))
    summary = StringField("In one line", filters=[strip], validators=at_most(200))
    description = TextAreaField("Description", filters=[strip], validators=at_most(8000))
    position = WholeNumberField("Position", default=0, description="Lower numbers come first in “our order”.")
    is_active = BooleanField("Shown in the shop", default=True)
    skus = RowsField("SKUs", SkuForm, Sku, "skus", key="code")

    def validate_slug(self, field: Any) -> None:
        check_slug(self, field, Product.slug)

    def validate_skus(self, field: Any) -> None:
        codes = [entry.form.code.data for entry in field.entries if not field.is_removed(entry)]
        if len(codes) != len(set(codes)):
            raise ValidationError("Two of these have the same SKU.")


class PictureForm(StaffForm):
    picture = FileField(
        "Picture", description="JPEG, PNG or WebP, up to 15 MB. It is kept as WebP in several sizes."
    )
    alt = StringField(
        "What it shows", filters=[strip], validators=at_most(200), description="For people who cannot see it."
    )


class PriceListForm(StaffForm):
    name = StringField(
        "Name",
        filters=[strip],
        validators=[
            *named("Enter a name, like Boutiques.", 80),
            Unused(PriceList.name, "Another list has this name."),
        ],
    )


class SkuCodeField(StringField):
    """A sku by its code; the row keeps the id."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        code = db.session.scalar(db.select(Sku.code).where(Sku.id == self.data)) if self.data else None
        return code or ""

    def process_formdata(self, valuelist: list[str]) -> None:
        code = valuelist[0].strip().upper() if valuelist else ""
        self.data = db.session.scalar(db.select(Sku.id).where(Sku.code == code)) if code else None
        if self.data is None:
            raise ValueError("No SKU has this code. Copy it from the product’s page.")


class PriceBreakForm(StaffForm):
    price_list_id = RowField("Price list", list_price_lists)
    sku_id = SkuCodeField("SKU", validators=[InputRequired("Enter the SKU.")])
    minimum_quantity = WholeNumberField("From this many units", least=1, default=1)
    unit_price_cents = MoneyField(
        "Price of one unit", validators=[InputRequired("Enter the price of one unit.")]
    )


class GroupForm(StaffForm):
    name = StringField(
        "Name",
        filters=[strip],
        validators=[
            *named("Enter a name, like Boutiques.", 80),
            Unused(CustomerGroup.name, "Another group has this name."),
        ],
    )
    description = StringField(
        "Description", filters=[strip], validators=at_most(200), description="For staff who approve."
    )
    price_list_id = RowField("Price list", list_price_lists, blank="None (the plain prices)")
    first_order_minimum_cents = MoneyField(
        "Minimum of the first order", validators=[InputRequired("Enter an amount; 0 for none.")]
    )
    reorder_minimum_cents = MoneyField(
        "Minimum of later orders", validators=[InputRequired("Enter an amount; 0 for none.")]
    )
    net_terms_days = WholeNumberField("Net terms in days", default=0, description="0 = they pay by card.")
    is_default = BooleanField("Suggested when approving", description="One group at a time.")


def list_states() -> list[tuple[str, str]]:
    return [(code, f"{name} ({code})") for code, name in STATE_NAMES.items()]


class TaxRateForm(StaffForm):
    state = SelectField("State", choices=list_states)
    postal_prefix = StringField(
        "ZIP codes that begin with", filters=[strip], description="Empty for the state’s own rate; else what this place adds to it.",
        validators=[Regexp(r"\d{0,5}\Z", message="Enter up to five digits, like 981.")],
    )  # fmt: skip
    name = StringField("Name", filters=[strip], validators=named("Enter a name, like Maine or Seattle.", 80))
    rate = PercentField("Rate", validators=[InputRequired("Enter a rate in per cent, like 5.5.")])
    is_shipping_taxable = BooleanField(
        "The state taxes shipping, too", description="Read from the state’s own row."
    )


class ShippingForm(StaffForm):
    code = StringField(
        "Code",
        filters=[strip],
        validators=[
            *named("Enter a short code, like ground.", 32),
            _SLUG,
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
            _SLUG,
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
        choices=lambda: [("", "Choose a state"), *list_states()],
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

    def validate_time_zone(self, field: Any) -> None:
        if field.data not in available_timezones():
            raise ValidationError("Enter a zone like America/New_York.")
        ZoneInfo(field.data)
