"""What staff type about prices, groups and taxes."""

from __future__ import annotations

from wtforms import BooleanField, SelectField, StringField
from wtforms.validators import InputRequired, Regexp

from admin.fields import (
    MoneyField,
    PercentField,
    RowField,
    StaffForm,
    Unused,
    WholeNumberField,
)
from admin.form_rules import at_most, list_states, named, strip
from app.businesses.models import CustomerGroup
from app.catalog.models import Sku
from app.extensions import db
from app.pricing.models import PriceList


def list_price_lists() -> list[tuple[int, str]]:
    return [(row.id, row.name) for row in db.session.scalars(db.select(PriceList).order_by(PriceList.name))]


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
    net_terms_days = WholeNumberField(
        "Net terms in days",
        default=0,
        description="0 = they pay by card; 30 = an invoice, due 30 days after shipping.",
    )
    credit_limit_cents = MoneyField(
        "Credit limit of each business",
        description="How much one business may owe on terms at a time. Empty = no limit. A business may have its own.",
    )
    is_default = BooleanField("Suggested when approving", description="One group at a time.")


class TaxRateForm(StaffForm):
    state = SelectField("State", choices=list_states())
    postal_prefix = StringField(
        "ZIP codes that begin with", filters=[strip], description="Empty for the state’s own rate; else what this place adds to it.",
        validators=[Regexp(r"\d{0,5}\Z", message="Enter up to five digits, like 981.")],
    )  # fmt: skip
    name = StringField("Name", filters=[strip], validators=named("Enter a name, like Maine or Seattle.", 80))
    rate = PercentField("Rate", validators=[InputRequired("Enter a rate in per cent, like 5.5.")])
    is_shipping_taxable = BooleanField(
        "The state taxes shipping, too", description="Read from the state’s own row."
    )
