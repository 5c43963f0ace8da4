"""How a session begins and ends in the browser; the rows behind it are open_session.py's and end_sessions.py's."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, g, request, session
from flask_login import login_user, logout_user

from app.accounts.devices import describe_device, shorten_address
from app.accounts.end_sessions import end_session_of
from app.accounts.models import User
from app.accounts.open_session import OpenSession, open_session
from app.settings import Settings
from app.shared import clock

# In the signed cookie: the session's key, and when it was last used (seconds since 1970).
KEY = "session_key"
SEEN = "session_seen"


def start_session(user: User, *, keep: tuple[str, ...] = ()) -> None:
    """Sign the user in on this device under a new key. Whatever a stranger may have planted in the session is gone
    before that; only the named keys (a guest's list) stay."""
    kept = {key: session[key] for key in keep if key in session}
    now = clock.now()
    command = OpenSession(
        device=describe_device(request.user_agent.string),
        address=shorten_address(request.remote_addr or ""),
        lifetime=longest_session(user),
        replaces=session.get(KEY, ""),
    )
    key = open_session(user, command, now=now)
    session.clear()
    session.update(kept)
    session[KEY], session[SEEN] = key, int(now.timestamp())
    session.permanent = True
    login_user(user)
    _forget_viewer()


def end_session() -> None:
    """Sign out on this device, leaving nothing behind here or there."""
    if key := session.get(KEY):
        end_session_of(key)
    logout_user()
    session.clear()
    _forget_viewer()


def longest_session(user: User) -> timedelta:
    """How long a sign-in lasts however busy it is: half a day at the desk, a month for buyers, as settings say."""
    settings: Settings = current_app.extensions["settings"]
    if user.is_staff:
        return timedelta(hours=settings.staff_session_hours)
    return timedelta(days=settings.session_days)


def longest_pause(user: User) -> timedelta:
    """How long a session may lie unused."""
    settings: Settings = current_app.extensions["settings"]
    if user.is_staff:
        return timedelta(minutes=settings.staff_idle_minutes)
    return timedelta(hours=settings.session_hours)


def _forget_viewer() -> None:
    # Both were read for whoever was there before, and the rest of this request must not go on with them.
    g.pop("viewer", None)
    g.pop("csrf_token", None)
