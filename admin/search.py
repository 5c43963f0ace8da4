"""The one search box in the top bar: a number or code that fits exactly opens its page, anything else lists what fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import redirect, request
from flask_admin import expose
from sqlalchemy import or_

from admin.access import may
from admin.base import StaffView
from app.accounts.models import User
from app.accounts.permissions import Permission
from app.businesses.models import Business
from app.catalog.models import Product, Sku
from app.extensions import db
from app.orders.models import Order

_MOST = 8
_LONGEST = 100


@dataclass(frozen=True)
class Found:
    name: str
    words: str
    url: str


@dataclass(frozen=True)
class FoundGroup:
    name: str
    rows: list[Found]


class SearchView(StaffView):
    view_permission = Permission.STAFF_HOME

    def is_visible(self) -> bool:
        return False

    @expose("/")
    def index(self) -> Any:
        asked = request.args.get("q", "").strip()[:_LONGEST]
        exact = self._exact(asked) if asked else None
        if exact:
            return redirect(exact)
        groups = [FoundGroup(name, find(asked)) for name, find in self._finders()] if asked else []
        return self.render("admin/search.html", asked=asked, groups=[group for group in groups if group.rows])

    def _finders(self) -> list[tuple[str, Callable[[str], list[Found]]]]:
        every = [
            ("Orders", Permission.ORDERS_VIEW, self._orders),
            ("Businesses", Permission.BUSINESSES_VIEW, self._businesses),
            ("Products", Permission.CATALOG_EDIT, self._products),
            ("People", Permission.USERS_VIEW, self._people),
        ]
        return [(name, find) for name, permission, find in every if may(permission)]

    def _exact(self, asked: str) -> str | None:
        if may(Permission.ORDERS_VIEW):
            order_id = db.session.scalar(db.select(Order.id).where(Order.number == asked.upper()))
            if order_id:
                return self.get_url("orders_desk.details_view", id=order_id)
        if may(Permission.CATALOG_EDIT):
            product_id = db.session.scalar(db.select(Sku.product_id).where(Sku.code == asked.upper()))
            if product_id:
                return self.get_url("products.details_view", id=product_id)
        return None

    def _orders(self, asked: str) -> list[Found]:
        fits = [
            column.icontains(asked, autoescape=True)
            for column in (Order.number, Order.po_number, Order.business_name)
        ]
        rows = db.session.scalars(db.select(Order).where(or_(*fits)).order_by(Order.id.desc()).limit(_MOST))
        return [
            Found(row.number, f"{row.business_name}, {row.total_cents}, {row.status_words.lower()}",
                  self.get_url("orders_desk.details_view", id=row.id))
            for row in rows
        ]  # fmt: skip

    def _businesses(self, asked: str) -> list[Found]:
        fits = [
            column.icontains(asked, autoescape=True) for column in (Business.legal_name, Business.trade_name)
        ]
        rows = db.session.scalars(
            db.select(Business).where(or_(*fits)).order_by(Business.id.desc()).limit(_MOST)
        )
        return [
            Found(
                row.display_name,
                row.status.label,
                self.get_url("businesses_desk.details_view", id=row.id),
            )
            for row in rows
        ]

    def _products(self, asked: str) -> list[Found]:
        skus = db.select(Sku.product_id).where(Sku.code.icontains(asked, autoescape=True))
        fits = or_(Product.name.icontains(asked, autoescape=True), Product.id.in_(skus))
        rows = db.session.scalars(db.select(Product).where(fits).order_by(Product.name).limit(_MOST))
        return [Found(row.name, row.brand, self.get_url("products.details_view", id=row.id)) for row in rows]

    def _people(self, asked: str) -> list[Found]:
        fits = [column.icontains(asked, autoescape=True) for column in (User.email, User.name)]
        rows = db.session.scalars(db.select(User).where(or_(*fits)).order_by(User.id.desc()).limit(_MOST))
        return [
            Found(row.name, f"{row.email}, {row.role.label}", self.get_url("users.details_view", id=row.id))
            for row in rows
        ]
