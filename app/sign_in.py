"""Flask-Login's part: who the session belongs to, and where strangers are sent."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from flask import Response, request, url_for
from flask_login import LoginManager

from app.accounts.models import User
from app.extensions import db
from app.web import go_to, wants_fragment


def init_sign_in(login_manager: LoginManager) -> None:
    login_manager.user_loader(load_user)
    login_manager.unauthorized_handler(send_to_sign_in)
    login_manager.session_protection = (
        None  # the epoch in the session does this work; addresses change on phones
    )


def load_user(session_id: str) -> User | None:
    """The user of `id.epoch`; nobody when deactivated or when the epoch has passed: out at the next request."""
    user_id, _, epoch = session_id.partition(".")
    if not (user_id.isdigit() and epoch.isdigit()):
        return None
    user: User | None = db.session.get(User, int(user_id))
    if user is None or not user.is_active or user.session_epoch != int(epoch):
        return None
    return user


def send_to_sign_in() -> Response:
    if request.method == "GET" and not wants_fragment():
        back = request.full_path.rstrip("?")
    else:
        # A form or a fragment cannot be come back to; the page it stands on can. Of its address only the path is kept.
        page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "/")
        back = urlunsplit(("", "", page.path or "/", page.query, ""))
    return go_to(url_for("accounts.login", next=back))
