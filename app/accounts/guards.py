"""What stands before a route: signed in, verified, holding a permission. The route below runs only when all is well."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import url_for
from flask_login import current_user

from app.accounts.permissions import Permission
from app.extensions import login_manager
from app.shared.errors import NotAllowed
from app.web import go_to

P = ParamSpec("P")
R = TypeVar("R")


def signed_in(view: Callable[P, R]) -> Callable[P, R | Any]:
    """Strangers go to the sign-in page and come back afterwards."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Any:
        if not current_user.is_authenticated:
            return login_manager.unauthorized()
        return view(*args, **kwargs)

    return guarded


def verified(view: Callable[P, R]) -> Callable[P, R | Any]:
    """Signed in, and the e-mail address confirmed; otherwise the page that says what to do about it."""

    @signed_in
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Any:
        if not current_user.is_verified:
            return go_to(url_for("registration.check_mail"))
        return view(*args, **kwargs)

    return guarded


def permission_required(permission: Permission) -> Callable[[Callable[P, R]], Callable[P, R | Any]]:
    """Signed in and holding the permission; NotAllowed (403) otherwise."""

    def guard(view: Callable[P, R]) -> Callable[P, R | Any]:
        @signed_in
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Any:
            if not current_user.can(permission):
                raise NotAllowed()
            return view(*args, **kwargs)

        return guarded

    return guard
