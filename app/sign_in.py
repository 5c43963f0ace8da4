"""Flask-Login's part: who the session belongs to, and where strangers are sent."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from flask import Flask, Response, g, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_login import LoginManager

from app.accounts.models import User
from app.accounts.note_use import PAUSE, note_use
from app.accounts.open_session import digest_key
from app.accounts.queries import SignedIn
from app.accounts.sessions import KEY, SEEN, longest_pause
from app.businesses.viewer import find_signed_in
from app.second_factor.duty import owes_second_factor
from app.shared import clock
from app.web import go_to, wants_fragment

# How often the cookie says anew that it is in use.
_COOKIE_PAUSE = timedelta(minutes=5)


class SignedCookies(SecureCookieSessionInterface):
    """Flask's, signed with SHA-256 where Flask still takes SHA-1."""

    digest_method = staticmethod(hashlib.sha256)


def init_sign_in(app: Flask, login_manager: LoginManager) -> None:
    app.session_interface = SignedCookies()
    app.after_request(_note_use)
    login_manager.user_loader(load_user)
    login_manager.unauthorized_handler(send_to_sign_in)
    login_manager.session_protection = (
        None  # the epoch in the session does this work; addresses change on phones
    )


def load_user(session_id: str) -> User | None:
    """The user of `id.epoch` and of the key beside it, with one query. Nobody when deactivated, when the epoch has
    passed, when the session was ended, lay unused too long or is too old: out at the next request."""
    user_id, _, epoch = session_id.partition(".")
    key = session.get(KEY)
    if not (user_id.isdigit() and epoch.isdigit() and isinstance(key, str)):
        return None
    found = find_signed_in(int(user_id), digest_key(key))
    if found is None:
        return None
    user, row = found
    if not user.is_active or not user.session_epoch == row.epoch == int(epoch):
        return None
    now = clock.now()
    if row.ends_at <= now or not _is_in_use(user, now):
        return None
    g.session_in_use = row
    user.is_held_back = owes_second_factor(user)
    return user


def _is_in_use(user: User, now: datetime) -> bool:
    """Whether the pause since the last page was short enough. That time travels in the signed cookie, so that reading
    a page writes nothing; it is renewed every few minutes at most."""
    seen = session.get(SEEN)
    if not isinstance(seen, int):
        return False
    pause = now - datetime.fromtimestamp(seen, UTC)
    if pause > longest_pause(user):
        return False
    if pause >= _COOKIE_PAUSE:
        session[SEEN] = int(now.timestamp())
    return True


def _note_use(response: Response) -> Response:
    """When something was sent, the device's own page may say so. Reading notes nothing."""
    row: SignedIn | None = g.get("session_in_use")
    if row is None or request.method in {"GET", "HEAD", "OPTIONS"} or response.status_code >= 500:
        return response
    now = clock.now()
    if row.seen_at <= now - PAUSE and KEY in session:
        note_use(row.id, now=now)
    return response


def send_to_sign_in() -> Response:
    if request.method == "GET" and not wants_fragment():
        back = request.full_path.rstrip("?")
    else:
        # A form or a fragment cannot be come back to; the page it stands on can. Of its address only the path is kept.
        page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "/")
        back = urlunsplit(("", "", page.path or "/", page.query, ""))
    return go_to(url_for("accounts.login", next=back))
