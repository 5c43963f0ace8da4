"""The first page of the back office: what waits, each number opening exactly its list, and the newest of it by name."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app
from flask_admin import AdminIndexView, expose

from admin.access import may
from admin.page import StaffPage
from admin.work import get_work, tiles_for_viewer
from app.accounts.permissions import Permission
from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from app.extensions import db
from app.orders.models import Order

_ROWS = 6


class HomeView(StaffPage, AdminIndexView):
    view_permission = Permission.STAFF_HOME

    @expose("/")
    def index(self) -> str:
        work = get_work()
        tiles = [
            (tile, work[tile.key], self.get_url(tile.endpoint, **tile.arguments))
            for tile in tiles_for_viewer()
            if tile.endpoint in current_app.view_functions
        ]
        waiting = sum(count for _tile, count, _url in tiles)
        return self.render(
            "admin/home.html",
            tiles=tiles,
            waiting=waiting,
            may_check=may(Permission.SHOP_SETTINGS),
            amber_holds=work["holds"] - work["red_holds"],
            red_holds=work["red_holds"],
            stray_money=work["stray_money"] if may(Permission.PAYMENTS_VIEW) else 0,
            orders=_newest_orders() if may(Permission.ORDERS_VIEW) else [],
            applications=_oldest_applications() if may(Permission.BUSINESSES_REVIEW) else [],
        )


def _newest_orders() -> Sequence[Order]:
    """The last orders placed, newest first; one query whatever their number."""
    return db.session.scalars(db.select(Order).order_by(Order.id.desc()).limit(_ROWS)).all()


def _oldest_applications() -> Sequence[Business]:
    """Applications nobody decided on yet, whoever waits longest first; one query."""
    query = db.select(Business).where(Business.status == BusinessStatus.SUBMITTED)
    return db.session.scalars(query.order_by(Business.submitted_at, Business.id).limit(_ROWS)).all()
