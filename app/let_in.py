"""What happens once somebody has proved who they are, by password alone or with a code: the session, and where they go."""

from __future__ import annotations

from flask import Response, request, session, url_for

from app.accounts.models import User
from app.accounts.sessions import start_session
from app.businesses.viewer import load_viewer
from app.carts.guest_list import KEY as GUEST_LIST
from app.carts.guest_list import clear_list, read_list
from app.carts.merge_guest_list import merge_guest_list
from app.second_factor.duty import owes_second_factor
from app.shared import clock
from app.web import go_to, safe_next


def let_in(user: User, *, message: str = "") -> Response:
    """Sign them in on this device, merge what they listed as a guest, and go on to their next step."""
    wanted = safe_next(request.args.get("next"), "")
    start_session(user, keep=(GUEST_LIST,))
    viewer = load_viewer(user)
    quantities = read_list(session)
    if quantities:
        merge_guest_list(quantities, viewer=viewer, now=clock.now())
        clear_list(session)
    if owes_second_factor(user):
        return go_to(url_for("second_factor.show"))
    if viewer.is_staff and viewer.business_id is None:
        return go_to(wanted or "/admin/", message=message)
    if viewer.needs == "verify":
        return go_to(url_for("registration.check_mail"), message=message)
    if viewer.needs == "business":
        return go_to(url_for("businesses.application"), message=message)
    return go_to(wanted or url_for("pages.home"), message=message)
