"""What staff type about categories, products, skus and pictures."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, Form, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, ValidationError

from admin.fields import (
    EnumField,
    MoneyField,
    RowField,
    RowsField,
    StaffForm,
    Unused,
    WholeNumberField,
)
from admin.form_rules import at_most, check_slug, named, strip
from app.catalog.models import Category, Product, Sku, TaxClass
from app.extensions import db


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
    position = WholeNumberField(
        "Position", default=0, description="Lower numbers come first where buyers sort by “Featured”."
    )
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
