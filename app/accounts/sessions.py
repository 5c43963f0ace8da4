"""How a session begins and ends."""

from __future__ import annotations

from flask import g, session
from flask_login import login_user, logout_user

from app.accounts.models import User


def start_session(user: User, *, keep: tuple[str, ...] = ()) -> None:
    """Sign the user in on this device. Whatever a stranger may have planted in the session is gone before that;
    only the named keys (a guest's list) stay."""
    kept = {key: session[key] for key in keep if key in session}
    session.clear()
    session.update(kept)
    session.permanent = True
    login_user(user)
    _forget_viewer()


def end_session() -> None:
    """Sign out on this device, leaving nothing behind."""
    logout_user()
    session.clear()
    _forget_viewer()


def _forget_viewer() -> None:
    # Both were read for whoever was there before, and the rest of this request must not go on with them.
    g.pop("viewer", None)
    g.pop("csrf_token", None)
