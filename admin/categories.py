"""The tree of categories."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func

from admin.base import StaffModelView
from admin.forms_catalog import CategoryForm
from app.accounts.permissions import Permission
from app.catalog.models import Category, Product
from app.extensions import db


class CategoriesView(StaffModelView):
    """The tree, each category under the one it stands in."""

    view_permission = edit_permission = Permission.CATALOG_EDIT
    form = CategoryForm
    thing = "category"
    can_view_details = True
    can_set_page_size = False
    column_list = ("name", "slug", "products", "position")
    column_details_list = ("name", "slug", "description", "position", "products")
    column_labels = {"slug": "Address"}
    column_sortable_list = ()
    more_number_columns = frozenset({"products"})
    empty_words = "Categories are the shop's shelves. Make the first one, then put products in it."
    empty_picture = "shelf"
    lead = "The shelves of the shop, in the order buyers see them."

    def __init__(self, **kwargs: Any):
        super().__init__(Category, db, **kwargs)

    @property
    def things(self) -> str:
        return "categories"

    def get_list(self, *_args: Any, **_kwargs: Any) -> tuple[int, list[Category]]:
        """All of them, parents before children; a shop has dozens, not thousands."""
        rows = list(
            db.session.scalars(db.select(Category).order_by(Category.position, Category.name, Category.id))
        )
        self._count_products(rows)
        ordered: list[Category] = []
        self._walk(rows, None, 0, ordered)
        left_over = [row for row in rows if row not in ordered]
        return len(rows), ordered + left_over

    def _walk(self, rows: list[Category], parent_id: int | None, depth: int, ordered: list[Category]) -> None:
        for row in rows:
            if row.parent_id == parent_id and row not in ordered:
                row.depth = depth
                ordered.append(row)
                self._walk(rows, row.id, depth + 1, ordered)

    def _count_products(self, rows: list[Category]) -> None:
        query = db.select(Product.category_id, func.count()).group_by(Product.category_id)
        counts = dict(
            db.session.execute(query.where(Product.category_id.in_([row.id for row in rows]))).all()
        )
        for row in rows:
            row.products = counts.get(row.id, 0)

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        row = super().get_one(id)
        self._count_products([row])
        return row

    def _name(self, _context: Any, row: Category, _column: str) -> str:
        return f"{'–  ' * getattr(row, 'depth', 0)}{row.name}"

    column_formatters = {"name": _name}
    column_formatters_detail: dict[str, Any] = {}
    column_formatters_export: dict[str, Any] = {}
