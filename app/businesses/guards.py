"""The guard of everything only an approved buyer may do; whoever is not there yet is led to the next step."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import flash, url_for

from app.businesses.viewer import get_viewer
from app.extensions import login_manager
from app.shared.errors import NotAllowed
from app.web import go_to

P = ParamSpec("P")
R = TypeVar("R")

# What Viewer.needs may say, the page where it is done, and the sentence shown there.
_NEXT_STEPS = {
    "verify": (
        "registration.check_mail",
        "Confirm your e-mail address first. Then tell us about your business.",
    ),
    "business": (
        "businesses.application",
        "Tell us about your business first. Ordering opens once we have approved it.",
    ),
    "information": (
        "businesses.application",
        "We need a little more about your business before you can order.",
    ),
    "review": (
        "businesses.status",
        "We are still looking at your application. Ordering opens once it is approved.",
    ),
    "rejected": (
        "businesses.status",
        "Your application was not approved, so ordering is closed. The reason is below.",
    ),
    "suspended": (
        "businesses.status",
        "Ordering is closed for your business at the moment. Please write or call us.",
    ),
}


def approved_buyer(view: Callable[P, R]) -> Callable[P, R | Any]:
    """Let verified people of approved businesses in; strangers sign in first, others go to their next step.

    Staff who buy for no business get NotAllowed: there is no application they should fill in.
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Any:
        viewer = get_viewer()
        if viewer.needs is None:
            return view(*args, **kwargs)
        if viewer.needs == "sign_in":
            return login_manager.unauthorized()
        if viewer.is_staff and viewer.business_id is None:
            raise NotAllowed("Staff accounts do not order. Sign in as a buyer to see this page.")
        endpoint, words = _NEXT_STEPS[viewer.needs]
        flash(words, "notice")
        return go_to(url_for(endpoint))

    return guarded


def of_business(view: Callable[P, R]) -> Callable[P, R | Any]:
    """Let verified people of any business in, whatever its status: a suspended one keeps its own orders and papers."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R | Any:
        viewer = get_viewer()
        if not viewer.is_signed_in:
            return login_manager.unauthorized()
        if viewer.business_id is not None and viewer.is_verified:
            return view(*args, **kwargs)
        if viewer.is_staff:
            raise NotAllowed(
                "Staff accounts have no orders of their own. The order desk is in the back office."
            )
        endpoint, words = _NEXT_STEPS["business" if viewer.is_verified else "verify"]
        flash(words, "notice")
        return go_to(url_for(endpoint))

    return guarded
