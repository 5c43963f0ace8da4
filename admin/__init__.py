"""The staff door: Flask-Admin with our own templates, script and rules of access. It imports the shop, never the reverse."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_admin import Admin
from flask_admin.theme import Theme
from flask_babel import Babel

from admin.formatters import short_time
from admin.holds import hold_badge, hold_end
from admin.home import HomeView
from admin.views import build_views
from app.security_headers import csp_nonce


def init_admin(app: Flask) -> Admin:
    """Add the back office at /admin/ to the shop.

    The theme names no folder of Flask-Admin: its stock templates hold inline handlers that the content policy blocks (a
    delete would no longer ask), so none of them can be reached, and a view that needs one we have not written fails in
    its first test.
    """
    # Its style sheet and script lie in app/static/desk/: web servers hand out one folder, and know it already.
    app.register_blueprint(Blueprint("desk", __name__, template_folder="templates"))
    app.add_template_filter(short_time)
    app.add_template_filter(hold_badge)
    app.add_template_filter(hold_end)
    if "babel" not in app.extensions:
        Babel(
            app
        )  # Flask-Admin translates through it wherever it is installed, and fails where it is not set up
    admin = Admin(
        app,
        name="Back office",
        url="/admin",
        index_view=HomeView(name="Home", endpoint="admin", url="/admin"),
        theme=Theme(folder="of-our-own", base_template="admin/desk.html"),
        csp_nonce_generator=csp_nonce,
    )
    for view in build_views():
        admin.add_view(view)
    return admin
