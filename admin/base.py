"""What every view of the back office stands on.

To add a view:

1. Write a class in a file named after the area (`admin/messages.py`). A place where people work is a `StaffView`; a plain
   table of data is a `StaffModelView`. Name `view_permission` (to see it) and, for tables, `edit_permission` (to change
   it; None = read-only). A button that needs more has `@requires(Permission.…)` under its `@expose`.
2. Add one line to `admin/views.py`, in the order of the rail: `InboxView(name="Messages", category=BUYERS, endpoint="inbox")`.
   Endpoints become `inbox.index`, addresses `/admin/inbox/`. A list can show a number in the rail: name its tile in
   `work_tile` (see `admin/work.py`).
3. Templates lie in `admin/templates/admin/<area>/` and extend `admin/desk.html` (blocks `title`, `page_title`,
   `page_actions`, `page`); detail pages extend `admin/detail.html` (blocks `facts`, `side`). The shop's macros
   (`_macros/ui.html`, `_macros/forms.html`) and classes (docs/look.md) work here too.
4. Changing anything with a status means calling a use case: `return self.carry_out(lambda: approve(…), done="…", back=url)`.
   What the use case refuses (`AppError`) is shown, nothing is lost. Dangerous ones ask first:
   `asked = self.ask_first(Question("Suspend Acme?", "They see no prices…", "Suspend")); if asked: return asked`,
   and their form carries `data-confirm`, `data-confirm-detail`, `data-confirm-yes` for the dialog.

Models are `lazy="raise_on_sql"`: name what lists and details show in `list_options` and `detail_options`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, ClassVar

from flask import flash, make_response, redirect, request
from flask_admin import BaseView, expose
from flask_admin.contrib.sqla import ModelView
from flask_admin.helpers import get_redirect_target
from flask_wtf import FlaskForm
from markupsafe import Markup
from sqlalchemy import func
from sqlalchemy.orm import Query

from admin import formatters, listing, saving
from admin.access import may
from admin.confirm import Question
from admin.fields import StaffForm
from admin.page import StaffPage, row_id
from admin.writing import RowWriter
from app.accounts.permissions import Permission
from app.extensions import db
from app.shared import clock
from app.shared.errors import NotFound
from app.shared.history import list_history

_LAST_PAGE = 100_000
_LONGEST_SEARCH = 100


class StaffView(StaffPage, BaseView):
    """A page where people work."""


class StaffModelView(StaffPage, RowWriter, ModelView):
    """A table of plain data: list, search, filters, export, and forms for those who may change it.

    Give `form` (a `StaffForm`), `column_list`, and where it helps `column_searchable_list`, `column_filters` (see
    `admin/filters.py`), `column_labels`, `column_descriptions` (shown as help under the field), `thing` ("category").
    Saving runs in one `transaction()` and writes old → new into the history.
    """

    edit_permission: ClassVar[Permission | None] = None
    allow_create: ClassVar[bool] = True
    allow_delete: ClassVar[bool] = True
    shortcuts: ClassVar[dict[str, listing.Shortcut]] = {}
    empty_title: ClassVar[str] = "Nothing here yet."
    empty_words: ClassVar[str] = ""
    empty_picture: ClassVar[str] = "crate"
    more_number_columns: ClassVar[frozenset[str]] = frozenset()
    list_options: ClassVar[Sequence[Any]] = ()
    detail_options: ClassVar[Sequence[Any]] = ()

    form = StaffForm
    form_base_class = FlaskForm
    can_view_details = True
    can_export = True
    export_types = ["csv"]
    export_max_rows = 10_000
    page_size = 50
    can_set_page_size = True
    page_size_options = (25, 50, 100, 200)
    named_filter_urls = True
    column_display_actions = False
    action_disallowed_list = ["delete"]
    column_type_formatters = formatters.IN_LISTS
    column_type_formatters_detail = formatters.FOR_PEOPLE
    column_type_formatters_export = formatters.FOR_FILES
    list_template = "admin/model/list.html"
    create_template = "admin/model/create.html"
    edit_template = "admin/model/edit.html"
    details_template = "admin/model/details.html"

    # Rights

    @property
    def can_edit(self) -> bool:
        return self.edit_permission is not None and may(self.edit_permission)

    @property
    def can_create(self) -> bool:
        return self.allow_create and self.can_edit

    @property
    def can_delete(self) -> bool:
        return self.allow_delete and self.can_edit

    def permission_for(self, name: str) -> Permission:
        writing = {"create_view", "edit_view", "delete_view", "ajax_update"}
        if name in writing and self.edit_permission is not None:
            return self.edit_permission
        return super().permission_for(name)

    # Reading

    @property
    def things(self) -> str:
        return f"{self.thing}s"

    def narrow(self, query: Query[Any]) -> Query[Any]:
        """The rows this list is about: those of the ready-made list in the address, if any."""
        condition = listing.shortcut_condition(self.shortcuts)
        return query if condition is None else query.filter(condition)

    def get_query(self) -> Query[Any]:
        return self.narrow(db.session.query(self.model).options(*self.list_options))

    def get_count_query(self) -> Query[Any]:
        return self.narrow(db.session.query(func.count()).select_from(self.model))

    def render(self, template: str, **needs: Any) -> str:
        if template == self.list_template:
            needs |= self.list_needs(needs["active_filters"])
        return super().render(template, **needs)

    def list_needs(self, active: Any) -> dict[str, Any]:
        """What the list's template shows beside what Flask-Admin gives it."""
        links = listing.shortcut_links(self.shortcuts, ".index_view")
        chosen = self.shortcuts.get(request.args.get("show", ""))
        return {
            "shortcuts": links,
            "shortcut_here": chosen.name if chosen else "All",
            "filter_fields": listing.filter_fields(self, active),
            "filter_chips": listing.filter_chips(self, active),
            "number_columns": listing.number_columns(self.model) | self.more_number_columns,
            "export_url": self.get_url(".export", export_type="csv", **request.args),
        }

    def scaffold_auto_joins(self) -> list[Any]:
        """None: what a list shows is named in `list_options`."""
        return []

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        """The row with all its details, read afresh; NotFound if there is none."""
        options = [*self.detail_options] or None
        row = db.session.get(self.model, row_id(str(id)), options=options, populate_existing=True)
        if row is None:
            raise NotFound()
        return row

    def _get_list_extra_args(self) -> Any:
        args = super()._get_list_extra_args()
        args.page = min(max(args.page or 0, 0), _LAST_PAGE)
        args.search = (args.search or "")[:_LONGEST_SEARCH] or None
        return args

    def _get_list_filter_args(self) -> Any:
        """A filter left empty in the form is no filter."""
        return [each for each in super()._get_list_filter_args() or [] if each[2] != ""]

    def _export_csv(self, return_url: Any) -> Any:
        """What is filtered, up to `export_max_rows` rows; made whole, so that a fault is a page and not half a file."""
        _count, rows = self._export_data()
        sheet = io.StringIO()
        writer = csv.writer(sheet)
        writer.writerow([name for _column, name in self._export_columns])
        writer.writerows(
            [self.get_export_value(row, column) for column, _name in self._export_columns] for row in rows
        )
        answer = make_response(sheet.getvalue())
        answer.headers["Content-Type"] = "text/csv; charset=utf-8"
        answer.headers["Content-Disposition"] = (
            f"attachment; filename={self.endpoint}-{clock.now():%Y-%m-%d}.csv"
        )
        return answer

    def get_export_value(self, model: Any, name: str) -> str:
        return formatters.safe_for_spreadsheets(super().get_export_value(model, name))

    def row_url(self, row: Any) -> str:
        """Where a row of the list leads."""
        view = ".details_view" if self.can_view_details else ".edit_view"
        return self.get_url(view, id=self.get_pk_value(row))

    def title_of(self, row: Any) -> str:
        """The row in words, for headings and questions."""
        return str(getattr(row, "name", None) or getattr(row, "title", None) or row)

    def _prettify_name(self, name: str) -> str:
        """ "lapses_at" → "Lapses at": the library would capitalise every word."""
        return name.replace("_", " ").capitalize()

    def search_placeholder(self) -> str | None:
        words = super().search_placeholder()
        return words and words.replace("_", " ").capitalize()

    # Pages

    @expose("/")
    def index_view(self) -> Any:
        """The list; a filter form sent with empty fields is sent on to the address without them."""
        full = {name: value for name, value in request.args.items() if value or not name.startswith("flt")}
        if len(full) < len(request.args):
            return redirect(self.get_url(".index_view", **full))
        return super().index_view()

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> Any:
        if not self.can_create:
            raise NotFound()
        form = self.create_form()
        if self.validate_form(form):
            row = self.create_model(form)
            if row:
                row = self.get_one(self.get_pk_value(row))
                flash(f"{self.title_of(row)} was added.", "good")
                return redirect(self.get_save_return_url(row, is_created=True), 303)
        page = self.render(self.create_template, form=form, return_url=self.return_url())
        return make_response(page, 422 if request.method == "POST" else 200)

    @expose("/edit/", methods=("GET", "POST"))
    def edit_view(self) -> Any:
        if not self.can_edit:
            raise NotFound()
        row = self.get_one(request.args.get("id"))
        seen = saving.fingerprint(self.rows_shown(row))
        form = self.edit_form(obj=row)
        is_stale = request.method == "POST" and request.form.get("seen", seen) != seen
        if not is_stale and self.validate_form(form) and self.update_model(form, row):
            row = self.get_one(request.args.get("id"))
            flash(f"{self.title_of(row)} was saved.", "good")
            return redirect(self.get_save_return_url(row), 303)
        status = 409 if is_stale else 422 if request.method == "POST" else 200
        page = self.render(
            self.edit_template, model=row, form=form, seen=seen, is_stale=is_stale,
            stored=saving.stored_values(row) if is_stale else [], return_url=self.return_url(),
        )  # fmt: skip
        return make_response(page, status)

    @expose("/details/")
    def details_view(self) -> Any:
        if not self.can_view_details:
            raise NotFound()
        row = self.get_one(request.args.get("id"))
        return self.render(self.details_template, **self.details_needs(row))

    def details_needs(self, row: Any) -> dict[str, Any]:
        """What the details template shows; override to add to it."""
        return {
            "model": row,
            "details_columns": self._details_columns,
            "get_value": self.get_detail_value,
            "return_url": self.return_url(),
            "history": formatters.timeline(list_history(self.subject_of(), row.id)),
        }

    @expose("/delete/", methods=("POST",))
    def delete_view(self) -> Any:
        if not self.can_delete:
            raise NotFound()
        row = self.get_one(request.form.get("id"))
        name = self.title_of(row)
        asked = self.ask_first(self.delete_question(row))
        if asked:
            return asked
        if self.delete_model(row):
            flash(f"{name} was deleted.", "good")
        return redirect(self.return_url(), 303)

    def delete_question(self, row: Any) -> Question:
        return Question(
            f"Delete {self.title_of(row)}?",
            "It is gone for good; the history keeps that it existed.",
            "Delete",
        )

    def return_url(self) -> str:
        return get_redirect_target() or self.get_url(".index_view")

    def get_save_return_url(self, model: Any, is_created: bool = False) -> str:
        return self.return_url() if not is_created else self.row_url(model)

    def get_empty_list_message(self) -> str | Markup:
        return self.empty_words or f"This will hold every {self.thing} of the shop."
