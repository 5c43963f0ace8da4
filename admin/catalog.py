"""Products with their skus and pictures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, request
from flask_admin import expose
from flask_admin.actions import action
from sqlalchemy.orm import joinedload, selectinload

from admin import listing
from admin.access import acting, requires
from admin.base import StaffModelView
from admin.confirm import Question
from admin.filters import RowFilter, TextFilter, YesNoFilter
from admin.forms_catalog import PictureForm, ProductForm, list_categories
from admin.page import row_id
from admin.remove_sku import clear_sku
from app.accounts.permissions import Permission
from app.catalog.add_picture import add_picture
from app.catalog.models import Product
from app.catalog.pictures import picture_url
from app.catalog.remove_picture import put_picture_first, remove_picture
from app.extensions import db
from app.inventory.models import Stock
from app.shared import clock
from app.shared.errors import AppError
from app.shared.transaction import retry_lost_races, transaction
from app.storage.shelves import get_shelves

PICTURE_QUESTION = Question(
    "Remove this picture?", "It is taken from this product's page. The file itself stays.", "Remove"
)


class ProductsView(StaffModelView):
    """Products with their skus; pictures are added on a product's own page."""

    picture_question = PICTURE_QUESTION

    view_permission = edit_permission = Permission.CATALOG_EDIT
    form = ProductForm
    thing = "product"
    details_template = "admin/catalog/product.html"
    list_options = (joinedload(Product.category), selectinload(Product.skus), selectinload(Product.images))
    detail_options = list_options
    column_list = ("name", "category.name", "brand", "skus", "is_active", "updated_at")
    column_details_list = (
        "category.name",
        "slug",
        "brand",
        "summary",
        "description",
        "position",
        "is_active",
        "updated_at",
    )
    column_labels = {
        "category.name": "Category",
        "skus": "SKUs",
        "is_active": "Shown",
        "updated_at": "Changed",
        "slug": "Address",
    }
    column_searchable_list = ("name", "brand")
    column_sortable_list = ("name", "brand", "is_active", "updated_at")
    column_default_sort = ("id", True)
    column_filters = (
        RowFilter(Product.category_id, "Category", list_categories),
        TextFilter(Product.brand, "Brand"),
        YesNoFilter(Product.is_active, "Shown"),
    )
    shortcuts = {
        "no_picture": listing.Shortcut("Without a picture", lambda _now: ~Product.images.any()),
        "hidden": listing.Shortcut("Not shown", lambda _now: Product.is_active.is_(False)),
    }
    empty_words = "Add the first product, or bring many at once with “flask import-products FILE”."

    def __init__(self, **kwargs: Any):
        super().__init__(Product, db, **kwargs)

    def _skus(self, _context: Any, row: Product, _column: str) -> str:
        codes = [sku.code for sku in row.skus]
        return ", ".join(codes[:3]) + (f" and {len(codes) - 3} more" if len(codes) > 3 else "")

    column_formatters = {"skus": _skus}

    def rows_shown(self, row: Product) -> list[Any]:
        return [row, *row.skus]

    def save(self, form: Any, row: Product) -> None:
        now = clock.now()
        row.created_at = row.created_at or now
        row.updated_at = now
        for entry in form.skus.entries:
            if form.skus.is_removed(entry) and entry.get_pk():
                self._clear(row, row_id(str(entry.get_pk())))
        form.populate_obj(row)

    def saved(self, row: Product) -> None:
        """Every sku has a stock row, with nothing in it at first."""
        for sku in row.skus:
            is_kept = (
                sku in db.session
            )  # one deleted in this form is still in the list, but no longer in the session
            if is_kept and db.session.get(Stock, sku.id) is None:
                db.session.add(Stock(sku_id=sku.id, available=0, reserved=0, shipped=0, received=0))

    @staticmethod
    def _clear(row: Product, sku_id: int) -> None:
        for sku in row.skus:
            if sku.id == sku_id:
                clear_sku(sku)

    def remove(self, row: Product) -> None:
        for sku in row.skus:
            clear_sku(sku)
            db.session.delete(sku)
        for image in row.images:
            db.session.delete(image)
        db.session.flush()
        super().remove(row)

    def delete_question(self, row: Product) -> Question:
        return Question(
            f"Delete {row.name}?",
            "It goes with its SKUs, prices and pictures, and from every cart. If it was ordered before, it can only be hidden.",
            "Delete",
        )

    def details_needs(self, row: Product) -> dict[str, Any]:
        stock = {
            each.sku_id: each
            for each in db.session.scalars(db.select(Stock).where(Stock.sku_id.in_([s.id for s in row.skus])))
        }
        pictures = [(image, picture_url(image, 320)) for image in row.images]
        return {
            **super().details_needs(row),
            "stock": stock,
            "pictures": pictures,
            "picture_form": PictureForm(alt=request.args.get("alt", "")),
        }

    # Pictures

    @expose("/pictures/add", methods=("POST",))
    @requires(Permission.CATALOG_EDIT)
    def add_picture(self) -> Any:
        product_id = row_id(request.form.get("id"))
        alt = request.form.get("alt", "")
        # The words come along on the way back, so that only the file must be chosen again.
        back, refused = (
            self.get_url(".details_view", id=product_id, **more) for more in ({}, {"alt": alt[:200]})
        )
        file = request.files.get("picture")

        def step() -> None:
            if file is None or not file.filename:
                raise AppError("Choose a picture first.")
            shelf = get_shelves().pictures
            add_picture(product_id, file.stream, alt=alt, shelf=shelf, actor=acting(), now=clock.now())

        return self.carry_out(step, done="The picture was added.", back=back, back_if_refused=refused)

    @expose("/pictures/first", methods=("POST",))
    @requires(Permission.CATALOG_EDIT)
    def put_picture_first(self) -> Any:
        product_id, image_id = row_id(request.form.get("id")), row_id(request.form.get("image_id"))
        return self.carry_out(
            lambda: put_picture_first(product_id, image_id, actor=acting(), now=clock.now()),
            done="This picture comes first now.", back=self.get_url(".details_view", id=product_id),
        )  # fmt: skip

    @expose("/pictures/remove", methods=("POST",))
    @requires(Permission.CATALOG_EDIT)
    def remove_picture(self) -> Any:
        product_id, image_id = row_id(request.form.get("id")), row_id(request.form.get("image_id"))
        back = self.get_url(".details_view", id=product_id)
        asked = self.ask_first(PICTURE_QUESTION, back)
        return asked or self.carry_out(
            lambda: remove_picture(product_id, image_id, actor=acting(), now=clock.now()),
            done="The picture was removed.", back=back,
        )  # fmt: skip

    # Many at once

    @action("show", "Show in the shop")
    def action_show(self, ids: list[str]) -> Any:
        return self._set_shown(ids, True)

    @action("hide", "Hide from the shop")
    def action_hide(self, ids: list[str]) -> Any:
        return self._set_shown(ids, False)

    def is_action_allowed(self, name: str) -> bool:
        return super().is_action_allowed(name) and self.can_edit

    def _set_shown(self, ids: list[str], is_shown: bool) -> Any:
        keys = [row_id(each) for each in ids[: max(self.page_size_options)]]
        rows = list(db.session.scalars(db.select(Product).where(Product.id.in_(keys))))
        names = {row.id: row.name for row in rows if row.is_active is not is_shown}
        if not names:
            flash("Nothing to change: select products first, and some that are not so already.", "notice")
            return None
        asked = self.ask_first(_shown_question(is_shown, names, len(rows)))
        if asked:
            return asked
        self._write_shown(names, is_shown)
        flash(f"{'Shown' if is_shown else 'Hidden'}: {', '.join(names.values())}.", "good")
        return None

    @retry_lost_races
    def _write_shown(self, product_ids: Iterable[int], is_shown: bool) -> None:
        with transaction():
            for row in db.session.scalars(db.select(Product).where(Product.id.in_(product_ids))):
                row.is_active = is_shown
                self.note_change(row)


def _shown_question(is_shown: bool, names: dict[int, str], selected: int) -> Question:
    verb = "Show" if is_shown else "Hide"
    same = selected - len(names)
    effect = f"Will change: {', '.join(names.values())}."
    if same:
        effect += f" Not touched, because they are so already: {same}."
    return Question(f"{verb} {len(names)} of {selected} selected products?", effect, verb)
