"""Stock figures. They change only through corrections, each with its reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request
from flask_admin import expose
from sqlalchemy.orm import Query

from admin import formatters, listing
from admin.access import acting, may, requires
from admin.base import StaffModelView
from admin.page import row_id
from app.accounts.permissions import Permission
from app.catalog.models import Product, Sku
from app.extensions import db
from app.inventory.correct_stock import correct_stock, put_back_returned, set_stock_words
from app.inventory.models import Stock
from app.shared import clock
from app.shared.errors import AppError
from app.shared.history import list_history


class StockView(StaffModelView):
    view_permission = Permission.INVENTORY_EDIT
    thing = "stock figure"
    details_template = "admin/stock/detail.html"
    column_display_pk = True
    column_list = (
        "sku_code",
        "product_name",
        "available",
        "reserved",
        "shipped",
        "received",
        "low_at",
        "back_on",
    )
    column_details_list = column_list
    column_labels = {
        "sku_code": "SKU",
        "product_name": "Product",
        "low_at": "“Left” from",
        "back_on": "Back on",
    }
    column_sortable_list = ("available", "reserved", "shipped", "back_on")
    column_default_sort = ("sku_id", True)
    shortcuts = {
        "out": listing.Shortcut("None left", lambda _now: Stock.available == 0),
        "low": listing.Shortcut("Few left", lambda _now: Stock.available.between(1, Stock.low_at)),
    }
    empty_words = "Every SKU of the catalog has a line here."
    lead = "Available can be sold; reserved belongs to open orders; received is everything that ever came."

    def __init__(self, **kwargs: Any):
        super().__init__(Stock, db, **kwargs)

    # Searching by code and name, which stand in other tables

    def init_search(self) -> bool:
        return True

    def search_placeholder(self) -> str:
        return "SKU, product"

    def _apply_search(
        self, query: Query[Any], count_query: Query[Any], joins: Any, count_joins: Any, search: str
    ) -> Any:
        fits = Sku.code.icontains(search, autoescape=True) | Product.name.icontains(search, autoescape=True)
        skus = db.select(Sku.id).join(Product, Product.id == Sku.product_id).where(fits)
        return (
            query.filter(Stock.sku_id.in_(skus)),
            count_query.filter(Stock.sku_id.in_(skus)),
            joins,
            count_joins,
        )

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[Stock]]:
        count, rows = super().get_list(*args, **kwargs)
        return count, name_stock(rows)

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        return name_stock([super().get_one(id)])[0]

    def title_of(self, row: Stock) -> str:
        return f"{row.sku_code} {row.product_name}"

    def details_needs(self, row: Stock) -> dict[str, Any]:
        return {
            "model": row,
            "details_columns": self._details_columns,
            "get_value": self.get_detail_value,
            "return_url": self.return_url(),
            "history": formatters.timeline(list_history("stock", row.sku_id)),
            "may_correct": may(Permission.INVENTORY_EDIT),
        }

    # Corrections

    @expose("/correct", methods=("POST",))
    @requires(Permission.INVENTORY_EDIT)
    def correct(self) -> Any:
        sku_id = row_id(request.form.get("id"))
        return self.carry_out(
            lambda: correct_stock(sku_id, units=_units(), reason=_reason(), actor=acting(), now=clock.now()),
            done="The stock was corrected.", back=self._back(sku_id),
        )  # fmt: skip

    @expose("/put-back", methods=("POST",))
    @requires(Permission.INVENTORY_EDIT)
    def put_back(self) -> Any:
        sku_id = row_id(request.form.get("id"))
        return self.carry_out(
            lambda: put_back_returned(sku_id, units=_units(), reason=_reason(), actor=acting(), now=clock.now()),
            done="The returned goods are on the shelf again.", back=self._back(sku_id),
        )  # fmt: skip

    @expose("/words", methods=("POST",))
    @requires(Permission.INVENTORY_EDIT)
    def words(self) -> Any:
        sku_id = row_id(request.form.get("id"))

        def step() -> None:
            low_at, back_on = _whole("low_at"), _day("back_on")
            set_stock_words(sku_id, low_at=low_at, back_on=back_on, actor=acting(), now=clock.now())

        return self.carry_out(step, done="Saved.", back=self._back(sku_id))

    def _back(self, sku_id: int) -> str:
        return self.get_url(".details_view", id=sku_id)


def name_stock(rows: list[Stock]) -> list[Stock]:
    """The rows with their sku's code and product beside them; one query however many rows."""
    query = db.select(Sku.id, Sku.code, Product.name).join(Product, Product.id == Sku.product_id)
    found = {
        row.id: row for row in db.session.execute(query.where(Sku.id.in_([each.sku_id for each in rows])))
    }
    for row in rows:
        row.sku_code, row.product_name = found[row.sku_id].code, found[row.sku_id].name
    return rows


def _whole(name: str) -> int:
    text = request.form.get(name, "").strip().replace(",", "")
    digits = text.removeprefix("-").removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9:
        raise AppError("Enter a whole number of units, like 48 or -6.", field=name)
    return int(text)


def _units() -> int:
    return _whole("units")


def _reason() -> str:
    return request.form.get("reason", "")[:300]


def _day(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise AppError("Enter the date as year-month-day, like 2026-12-04.", field=name) from None
