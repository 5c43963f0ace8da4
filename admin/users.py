"""People who sign in: who they are, and shutting out, letting in, giving roles."""

from __future__ import annotations

from typing import Any

from flask import abort, request
from flask_admin import expose
from flask_login import current_user
from sqlalchemy import func

from admin.access import acting, may, requires
from admin.base import StaffModelView
from admin.confirm import Question
from admin.filters import ChoiceFilter, SinceFilter
from admin.page import row_id
from app.accounts.change_role import change_role
from app.accounts.deactivate_user import deactivate_user
from app.accounts.models import User, UserStatus
from app.accounts.permissions import Permission, Role
from app.accounts.reactivate_user import reactivate_user
from app.businesses.models import Business
from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.second_factor.turn_off import turn_off_second_factor
from app.shared import clock
from app.shared.errors import NotFound

_STILL_OPEN = (OrderStatus.PENDING, OrderStatus.PAYMENT_PENDING, OrderStatus.PAID, OrderStatus.PROCESSING)


class UsersView(StaffModelView):
    view_permission = Permission.USERS_VIEW
    thing = "person"
    subject = "user"
    details_template = "admin/users/detail.html"
    column_list = ("name", "email", "role", "status", "business_name", "last_sign_in_at")
    column_details_list = (
        "email",
        "role",
        "status",
        "business_name",
        "email_verified_at",
        "created_at",
        "last_sign_in_at",
        "second_factor_since",
    )
    column_labels = {
        "email": "E-mail", "business_name": "Business", "last_sign_in_at": "Last sign-in", "email_verified_at": "Address confirmed",
        "created_at": "Since", "second_factor_since": "Second factor since",
    }  # fmt: skip
    column_searchable_list = ("name", "email")
    column_sortable_list = ("name", "email", "role", "status", "last_sign_in_at")
    column_default_sort = ("id", True)
    column_filters = (
        ChoiceFilter(User.role, "Role", Role),
        ChoiceFilter(User.status, "Status", UserStatus),
        SinceFilter(User.created_at, "Joined"),
    )
    lead = "Buyers and staff."

    def __init__(self, **kwargs: Any):
        super().__init__(User, db, **kwargs)

    @property
    def things(self) -> str:
        return "people"

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int | None, list[User]]:
        count, rows = super().get_list(*args, **kwargs)
        return count, name_businesses(rows)

    def get_one(self, id: Any) -> Any:  # noqa: A002 (the library's own name)
        return name_businesses([super().get_one(id)])[0]

    def details_needs(self, row: User) -> dict[str, Any]:
        return {
            **super().details_needs(row),
            "may_end": self._may_end(row),
            "may_give_roles": may(Permission.USERS_MANAGE_STAFF) and row.id != current_user.id,
            "roles": Role.choices(),
            "end_question": _end_question(row),
            "may_see_mails": may(Permission.OUTBOX_VIEW),
            "may_turn_off": self._may_turn_off(row),
            "factor_question": _factor_question(row),
        }

    @staticmethod
    def _may_turn_off(row: User) -> bool:
        """One's own is turned off on one's own page, with the password."""
        return may(Permission.USERS_MANAGE_STAFF) and row.id != current_user.id

    @staticmethod
    def _may_end(row: User) -> bool:
        """Buyers need one permission, colleagues the stronger one; nobody ends themselves."""
        needed = Permission.USERS_MANAGE_STAFF if row.is_staff else Permission.USERS_DEACTIVATE
        return may(needed) and row.id != current_user.id

    def _target(self) -> User:
        row = self.get_one(request.form.get("id"))
        if not self._may_end(row):
            abort(403)
        return row

    @expose("/deactivate", methods=("POST",))
    @requires(Permission.USERS_DEACTIVATE)
    def deactivate(self) -> Any:
        row = self._target()
        back = self.get_url(".details_view", id=row.id)
        asked = self.ask_first(_end_question(row), back)
        reason = request.form.get("reason", "")[:300]
        return asked or self.carry_out(
            lambda: deactivate_user(row.id, actor=acting(), now=clock.now(), reason=reason),
            done="They are signed out everywhere and cannot sign in.", back=back,
        )  # fmt: skip

    @expose("/reactivate", methods=("POST",))
    @requires(Permission.USERS_DEACTIVATE)
    def reactivate(self) -> Any:
        row = self._target()
        return self.carry_out(
            lambda: reactivate_user(row.id, actor=acting(), now=clock.now()),
            done="They can sign in again.", back=self.get_url(".details_view", id=row.id),
        )  # fmt: skip

    @expose("/second-factor/off", methods=("POST",))
    @requires(Permission.USERS_MANAGE_STAFF)
    def turn_off_factor(self) -> Any:
        row = self.get_one(str(row_id(request.form.get("id"))))
        if not self._may_turn_off(row):
            abort(403)
        back = self.get_url(".details_view", id=row.id)
        asked = self.ask_first(_factor_question(row), back)
        return asked or self.carry_out(
            lambda: turn_off_second_factor(row.id, actor=acting(), now=clock.now()),
            done="Their second factor is off. They are told by e-mail.", back=back,
        )  # fmt: skip

    @expose("/role", methods=("POST",))
    @requires(Permission.USERS_MANAGE_STAFF)
    def give_role(self) -> Any:
        user_id = row_id(request.form.get("id"))
        back = self.get_url(".details_view", id=user_id)
        role = next((each for each in Role if each.value == request.form.get("role")), None)
        if role is None:
            raise NotFound()
        row = self.get_one(str(user_id))
        question = Question(
            f"Make {row.name} {role.label.lower()}?",
            f"They are {row.role.label.lower()} now, and have to sign in again.",
            "Change role",
        )
        asked = self.ask_first(question, back)
        return asked or self.carry_out(
            lambda: change_role(user_id, role, actor=acting(), now=clock.now()),
            done=f"{row.name} is {role.label.lower()} now.",
            back=back,
        )


def _factor_question(row: User) -> Question:
    return Question(
        f"Turn off the second factor of {row.name}?",
        f"{row.email} can sign in with the password alone, is signed out on every device now, and gets an e-mail. Do it only when "
        "you are sure that it is they who ask: call them under a number you know.",
        "Turn it off",
    )


def _end_question(row: User) -> Question:
    """Says what deactivating does, and what it leaves to decide: orders that are still open."""
    waiting = db.select(func.count(Order.id)).where(Order.user_id == row.id, Order.status.in_(_STILL_OPEN))
    count = db.session.scalar(waiting) or 0
    left = f" Still open, for you to decide: {count} of their orders." if count else ""
    return Question(
        f"Deactivate {row.name}?",
        f"{row.email} is signed out on every device at once and cannot sign in. Orders and history stay.{left}",
        "Deactivate",
    )


def name_businesses(rows: list[User]) -> list[User]:
    """The rows with their business's name beside them; one query however many rows."""
    keys = {row.business_id for row in rows if row.business_id}
    found = (
        {
            each.id: each.display_name
            for each in db.session.scalars(db.select(Business).where(Business.id.in_(keys)))
        }
        if keys
        else {}
    )
    for row in rows:
        row.business_name = found.get(row.business_id, "")
    return rows
