"""The first page of the back office: what waits, each number opening exactly its list."""

from __future__ import annotations

from flask import current_app
from flask_admin import AdminIndexView, expose

from admin.page import StaffPage
from admin.work import get_work, tiles_for_viewer
from app.accounts.permissions import Permission


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
        return self.render("admin/home.html", tiles=tiles, waiting=waiting)
