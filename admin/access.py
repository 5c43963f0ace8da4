"""Who may open which view and press which button; checked on the server for every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, has_request_context, url_for
from flask_login import current_user

from app.accounts.permissions import Permission
from app.extensions import login_manager
from app.shared.history import Actor
from app.web import go_to

F = TypeVar("F", bound=Callable[..., Any])


def may(permission: Permission) -> bool:
    """Whether the person of this request is staff and holds the permission; nobody is, outside a request."""
    if not has_request_context() or not current_user.is_authenticated:
        return False
    return current_user.can(Permission.STAFF_HOME) and current_user.can(permission)


def requires(permission: Permission) -> Callable[[F], F]:
    """Put under `@expose`: this page or button needs one permission more than its view does."""

    def mark(step: F) -> F:
        step.permission = permission  # type: ignore[attr-defined]
        return step

    return mark


def acting() -> Actor:
    """The person of this request, as history and use cases know them."""
    return current_user.as_actor


class StaffAccess:
    """The gate in front of every view. Strangers are sent to sign in and come back; others read why they may not."""

    view_permission: Permission = Permission.STAFF_HOME

    def is_accessible(self) -> bool:
        return may(self.view_permission)

    def permission_for(self, name: str) -> Permission:
        """What the method behind one address needs: its own `@requires`, else the view's."""
        return getattr(getattr(type(self), name), "permission", self.view_permission)

    def _handle_view(self, name: str, **_kwargs: Any) -> Any:
        """Flask-Admin asks this before each of its methods; None lets the request through."""
        if not current_user.is_authenticated:
            return login_manager.unauthorized()
        if current_user.is_held_back:
            return go_to(url_for("second_factor.show"))
        if not (may(self.view_permission) and may(self.permission_for(name))):
            abort(403)
        return None

    def _run_view(self, step: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Flask-Admin's own runs a view a second time after any TypeError; a bug should be seen once, as itself."""
        return step(self, *args, **kwargs)
