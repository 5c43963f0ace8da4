"""Businesses that buy: find one, see all of it, put it on hold, change its group, decide on its certificates."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_admin import expose
from sqlalchemy.orm import joinedload

from admin import listing
from admin.access import acting, requires
from admin.approval_forms import terms_of
from admin.base import StaffModelView
from admin.business_page import business_needs
from admin.confirm import Question
from admin.filters import ChoiceFilter, SinceFilter
from admin.page import row_id
from app.accounts.permissions import Permission
from app.businesses.change_group import change_group
from app.businesses.models import Business
from app.businesses.queries import list_groups
from app.businesses.reveal_ein import reveal_ein
from app.businesses.review_certificate import reject_certificate, verify_certificate
from app.businesses.set_credit_limit import set_credit_limit
from app.businesses.status import BusinessKind, BusinessStatus
from app.businesses.suspend_business import reactivate_business, suspend_business
from app.extensions import db
from app.shared import clock
from app.shared.errors import AppError
from app.shared.money import Money
from app.shop.queries import shop_today

_HIGHEST_LIMIT = 10**9


def _shortcut(status: BusinessStatus) -> listing.Shortcut:
    return listing.Shortcut(status.label, lambda _now: Business.status == status)


class BusinessesView(StaffModelView):
    view_permission = Permission.BUSINESSES_VIEW
    thing = "business"
    subject = "business"
    details_template = "admin/businesses/detail.html"
    list_options = (joinedload(Business.group),)
    column_list = ("legal_name", "trade_name", "status", "kind", "group_name", "ein_last4", "submitted_at")
    column_export_list = (*column_list, "created_at")
    column_labels = {
        "legal_name": "Legal name", "trade_name": "Trade name", "group_name": "Group", "ein_last4": "EIN ends",
        "created_at": "Since", "submitted_at": "Applied",
    }  # fmt: skip
    column_searchable_list = ("legal_name", "trade_name", "ein_last4", "phone")
    column_sortable_list = ("legal_name", "trade_name", "status", "created_at", "submitted_at")
    column_default_sort = ("id", True)
    column_filters = (
        ChoiceFilter(Business.status, "Status", BusinessStatus),
        ChoiceFilter(Business.kind, "Kind", BusinessKind),
        SinceFilter(Business.created_at, "Since"),
    )
    shortcuts = {
        status.value: _shortcut(status)
        for status in (
            BusinessStatus.APPROVED,
            BusinessStatus.SUBMITTED,
            BusinessStatus.REJECTED,
            BusinessStatus.SUSPENDED,
        )
    }
    column_formatters = {
        "group_name": lambda _view, _context, row, _name: row.group.name if row.group else ""
    }
    empty_title = "No businesses yet."
    empty_words = "Whoever registers and begins an application shows here."

    def __init__(self, **kwargs: Any):
        super().__init__(Business, db, **kwargs)

    @property
    def things(self) -> str:
        return "businesses"

    def search_placeholder(self) -> str:
        return "Name, phone, last four of the EIN"

    def title_of(self, row: Business) -> str:
        return row.display_name

    def details_needs(self, row: Business) -> dict[str, Any]:
        return self._needs(row)

    def _needs(self, row: Business, ein: str = "") -> dict[str, Any]:
        groups = list_groups()
        return {
            **business_needs(row, ein=ein),
            "model": row,
            "return_url": self.return_url(),
            "groups": groups,
            "terms": {each.id: terms_of(each) for each in groups},
            "suspend_question": _suspend_question(row),
        }

    def _target(self) -> tuple[Business, str]:
        row = self.get_one(request.form.get("id"))
        return row, self.get_url(".details_view", id=row.id)

    @expose("/ein", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def show_ein(self) -> Any:
        business_id = row_id(request.form.get("id"))
        ein = reveal_ein(business_id, actor=acting(), now=clock.now())
        return self.render(self.details_template, **self._needs(self.get_one(str(business_id)), ein))

    @expose("/suspend", methods=("POST",))
    @requires(Permission.BUSINESSES_SUSPEND)
    def suspend(self) -> Any:
        row, back = self._target()
        asked = self.ask_first(_suspend_question(row), back)
        return asked or self.carry_out(
            lambda: suspend_business(row.id, reason=request.form.get("reason", ""), actor=acting(), now=clock.now()),
            done=f"{row.display_name} is on hold: no prices, no orders.", back=back,
        )  # fmt: skip

    @expose("/reactivate", methods=("POST",))
    @requires(Permission.BUSINESSES_SUSPEND)
    def reactivate(self) -> Any:
        row, back = self._target()
        return self.carry_out(
            lambda: reactivate_business(row.id, actor=acting(), now=clock.now()),
            done=f"{row.display_name} can order again.", back=back,
        )  # fmt: skip

    @expose("/group", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def give_group(self) -> Any:
        row, back = self._target()
        group = next((each for each in list_groups() if str(each.id) == request.form.get("group")), None)
        question = Question(
            f"Move {row.display_name} to “{group.name if group else 'another group'}”?",
            f"From their next page on. {terms_of(group) if group else ''} Orders placed before stay as they are.",
            "Change the group",
        )
        asked = self.ask_first(question, back) if group else None
        return asked or self.carry_out(
            lambda: change_group(row.id, group_id=group.id if group else 0, actor=acting(), now=clock.now()),
            done="The group is changed.", back=back,
        )  # fmt: skip

    @expose("/limit", methods=("POST",))
    @requires(Permission.PRICING_EDIT)
    def set_limit(self) -> Any:
        row, back = self._target()

        def step() -> None:
            limit = _typed_limit()
            set_credit_limit(row.id, limit=limit, actor=acting(), now=clock.now())

        return self.carry_out(step, done="The credit limit is saved.", back=back)

    @expose("/certificate/verify", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def verify_paper(self) -> Any:
        row, back = self._target()
        paper_id, now = row_id(request.form.get("certificate")), clock.now()
        return self.carry_out(
            lambda: verify_certificate(paper_id, business_id=row.id, actor=acting(), now=now, today=shop_today(now)),
            done="The certificate is verified: goods shipped to its state are free of sales tax.", back=back,
        )  # fmt: skip

    @expose("/certificate/reject", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def reject_paper(self) -> Any:
        row, back = self._target()
        paper_id, reason = row_id(request.form.get("certificate")), request.form.get("reason", "")
        question = Question(
            "Reject this certificate?",
            "Goods shipped to its state stay taxed. The buyer reads the reason beside the certificate.",
            "Reject the certificate",
        )
        asked = self.ask_first(question, back)
        return asked or self.carry_out(
            lambda: reject_certificate(paper_id, business_id=row.id, reason=reason, actor=acting(), now=clock.now()),
            done="The certificate is rejected.", back=back,
        )  # fmt: skip


def _typed_limit() -> Money | None:
    text = request.form.get("limit", "").strip()
    try:
        limit = Money.from_dollars(text) if text else None
    except ValueError:
        raise AppError(
            "Enter the limit in dollars, like 2,500, or nothing for the group’s.", "limit"
        ) from None
    if limit is not None and not 0 <= limit.cents <= _HIGHEST_LIMIT:
        raise AppError("Enter a limit from 0 to 10,000,000 dollars.", "limit")
    return limit


def _suspend_question(row: Business) -> Question:
    return Question(
        f"Suspend {row.display_name}?",
        "From the next page on they see no prices and cannot order. Orders placed before go on; their papers stay open to them. "
        "They read your reason on their page.",
        "Suspend",
    )
