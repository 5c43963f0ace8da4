"""Price lists and their breaks, customer groups, tax rates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from admin import formatters
from admin.base import StaffModelView
from admin.filters import RowFilter, TextFilter, YesNoFilter
from admin.forms_pricing import GroupForm, PriceBreakForm, PriceListForm, TaxRateForm, list_price_lists
from app.accounts.permissions import Permission
from app.businesses.models import CustomerGroup
from app.catalog.models import Sku
from app.extensions import db
from app.pricing.models import PriceBreak, PriceList, TaxRate


class PriceListsView(StaffModelView):
    view_permission = edit_permission = Permission.PRICING_EDIT
    form = PriceListForm
    thing = "price list"
    column_list = ("name",)
    column_searchable_list = ("name",)
    lead = "A list holds a group's own prices. What it does not name costs the plain price."
    empty_words = "Without a list everybody pays the plain price. Make one to give a group its own prices."
    empty_picture = "paper"

    def __init__(self, **kwargs: Any):
        super().__init__(PriceList, db, **kwargs)


class PriceBreaksView(StaffModelView):
    view_permission = edit_permission = Permission.PRICING_EDIT
    form = PriceBreakForm
    thing = "price break"
    column_list = ("sku_code", "price_list", "minimum_quantity", "unit_price_cents")
    column_details_list = column_list
    column_labels = {
        "sku_code": "SKU",
        "price_list": "Price list",
        "minimum_quantity": "From units",
        "unit_price_cents": "Unit price",
    }
    column_sortable_list = ("minimum_quantity", "unit_price_cents")
    column_default_sort = ("id", True)
    column_filters = (RowFilter(PriceBreak.price_list_id, "Price list", list_price_lists),)
    more_number_columns = frozenset({"minimum_quantity"})
    lead = "From so many units up, one unit costs this much for everyone on the list."
    empty_picture = "paper"

    def __init__(self, **kwargs: Any):
        super().__init__(PriceBreak, db, **kwargs)

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[PriceBreak]]:
        count, rows = super().get_list(*args, **kwargs)
        return count, name_breaks(rows)

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        return name_breaks([super().get_one(id)])[0]

    def title_of(self, row: PriceBreak) -> str:
        return f"{getattr(row, 'sku_code', 'The break')} from {row.minimum_quantity}"


def name_breaks(rows: list[PriceBreak]) -> list[PriceBreak]:
    """The rows with the sku's code and the list's name beside them; two queries however many rows."""
    codes = dict(
        db.session.execute(db.select(Sku.id, Sku.code).where(Sku.id.in_([row.sku_id for row in rows]))).all()
    )
    lists = dict(list_price_lists())
    for row in rows:
        row.sku_code = codes.get(row.sku_id, "")
        row.price_list = lists.get(row.price_list_id, "")
    return rows


class GroupsView(StaffModelView):
    view_permission = Permission.BUSINESSES_VIEW
    edit_permission = Permission.PRICING_EDIT
    form = GroupForm
    thing = "customer group"
    column_list = (
        "name",
        "price_list",
        "first_order_minimum_cents",
        "reorder_minimum_cents",
        "net_terms_days",
        "credit_limit_cents",
        "is_default",
    )
    column_details_list = ("description", *column_list)
    column_labels = {
        "price_list": "Price list", "first_order_minimum_cents": "First order from", "reorder_minimum_cents": "Later orders from",
        "net_terms_days": "Net days", "credit_limit_cents": "Credit limit", "is_default": "Suggested",
    }  # fmt: skip
    column_sortable_list = ("name", "first_order_minimum_cents", "reorder_minimum_cents", "net_terms_days")
    column_filters = (
        TextFilter(CustomerGroup.name, "Name"),
        YesNoFilter(CustomerGroup.is_default, "Suggested"),
    )
    lead = "A business's group sets its prices, its minimum orders and its terms."
    empty_words = "Approving a business puts it into a group. Make the first one before you approve anybody."
    empty_picture = "paper"

    def __init__(self, **kwargs: Any):
        super().__init__(CustomerGroup, db, **kwargs)

    def _price_list(self, _context: Any, row: CustomerGroup, _column: str) -> str:
        return (
            dict(list_price_lists()).get(row.price_list_id, "Plain prices")
            if row.price_list_id
            else "Plain prices"
        )

    column_formatters = {"price_list": _price_list}

    def save(self, form: Any, row: CustomerGroup) -> None:
        """At most one group is the suggested one."""
        super().save(form, row)
        if row.is_default:
            others = update(CustomerGroup).where(CustomerGroup.is_default, CustomerGroup.id != (row.id or 0))
            db.session.execute(
                others.values(is_default=False), execution_options={"synchronize_session": False}
            )


class TaxRatesView(StaffModelView):
    view_permission = edit_permission = Permission.PRICING_EDIT
    form = TaxRateForm
    thing = "tax rate"
    column_list = ("name", "state", "postal_prefix", "rate", "is_shipping_taxable")
    column_details_list = column_list
    column_labels = {"postal_prefix": "ZIP begins with", "is_shipping_taxable": "Taxes shipping"}
    column_searchable_list = ("name", "state")
    column_sortable_list = ("name", "state", "rate")
    column_default_sort = [("state", False), ("postal_prefix", False)]
    column_filters = (TextFilter(TaxRate.state, "State"),)
    lead = "Orders are taxed where the goods go. A state without a row here is not taxed."
    empty_words = "Nothing is taxed yet. Add the states in which you are registered."
    empty_picture = "paper"

    def __init__(self, **kwargs: Any):
        super().__init__(TaxRate, db, **kwargs)

    def _rate(self, _context: Any, row: TaxRate, _column: str) -> str:
        return formatters.percent(row.rate)

    column_formatters = {"rate": _rate}
