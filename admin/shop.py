"""What the owner sets: facts about the shop, shipping methods, text pages."""

from __future__ import annotations

from typing import Any

from flask import redirect
from flask_admin import expose

from admin.base import StaffModelView
from admin.forms_shop import ShippingForm, ShopFactsForm, TextPageForm
from app.accounts.permissions import Permission
from app.extensions import db
from app.shop.models import ShippingMethod, ShopFacts, TextPage


class ShopFactsView(StaffModelView):
    """One row: the list leads straight to it."""

    view_permission = edit_permission = Permission.SHOP_SETTINGS
    form = ShopFactsForm
    thing = "shop facts"
    allow_create = allow_delete = False
    can_export = False
    column_list = ("name",)
    column_details_list = (
        "name", "tagline", "email", "staff_email", "phone", "hours", "line1", "line2", "city", "state", "postal_code", "time_zone",
        "notice", "review_days", "capture_rule", "hold_rule", "allows_pay_on_pickup", "staff_need_second_factor",
    )  # fmt: skip
    column_labels = {
        "line1": "Street", "line2": "Second line", "postal_code": "ZIP", "notice": "Line above every page",
        "review_days": "Days an application takes", "capture_rule": "Cards are charged", "hold_rule": "Before a hold ends", "allows_pay_on_pickup": "Paying on pickup",
        "staff_need_second_factor": "Staff must use a second factor", "email": "E-mail", "staff_email": "Staff e-mail",
    }  # fmt: skip

    def __init__(self, **kwargs: Any):
        super().__init__(ShopFacts, db, **kwargs)

    @expose("/")
    def index_view(self) -> Any:
        return redirect(self.get_url(".details_view", id=1))

    def get_save_return_url(self, model: ShopFacts, is_created: bool = False) -> str:
        return self.get_url(".details_view", id=1)


class ShippingView(StaffModelView):
    view_permission = edit_permission = Permission.PRICING_EDIT
    form = ShippingForm
    thing = "shipping method"
    column_list = ("name", "kind", "price_cents", "free_above_cents", "is_active", "position")
    column_details_list = ("code", "description", *column_list)
    column_labels = {"price_cents": "Price", "free_above_cents": "Free from", "is_active": "Offered"}
    column_sortable_list = ("name", "price_cents", "position")
    column_default_sort = "position"
    lead = "How orders reach their buyers, in the order they are offered at checkout."
    empty_words = "Nobody can order before there is a way to get the goods. Add the first one."

    def __init__(self, **kwargs: Any):
        super().__init__(ShippingMethod, db, **kwargs)


class TextPagesView(StaffModelView):
    view_permission = edit_permission = Permission.SHOP_SETTINGS
    form = TextPageForm
    thing = "text page"
    column_list = ("title", "slug", "position")
    column_details_list = ("title", "slug", "body", "position")
    column_labels = {"slug": "Address"}
    column_sortable_list = ("title", "position")
    column_default_sort = "position"
    column_searchable_list = ("title", "body")
    lead = "Terms of sale, privacy, shipping and returns."
    empty_picture = "paper"

    def __init__(self, **kwargs: Any):
        super().__init__(TextPage, db, **kwargs)
