"""The contact form, for anyone."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, url_for
from flask_login import current_user

from app.businesses.viewer import get_viewer
from app.contact.form_age import is_believable, sign_opening
from app.contact.forms import ContactForm
from app.contact.send_message import send_message
from app.rate_limits import as_set, limit_by_account, limit_by_address, limit_by_person
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError
from app.web import go_to, page, refuse

blueprint = Blueprint("contact", __name__)


@blueprint.route("", methods=["GET", "POST"])
@limit_by_person(as_set("contact_limit"))
@limit_by_address("60 per hour; 200 per day")
@limit_by_account("20 per hour")
def form() -> Response:
    shown = ContactForm(data=_known_facts())
    if shown.validate_on_submit():
        if shown.is_by_machine:
            return go_to(url_for("contact.thanks"))
        try:
            _send(shown)
        except AppError as error:
            refuse(shown, error)
        else:
            return go_to(url_for("contact.thanks"))
    shown.opened.data = sign_opening(clock.now(), _secret_key())
    return page("contact/form.html", status=422 if shown.errors else 200, form=shown)


@blueprint.get("/thanks")
def thanks() -> Response:
    return page("contact/thanks.html")


def _send(shown: ContactForm) -> None:
    now = clock.now()
    if not is_believable(shown.opened.data or "", now, _secret_key()):
        raise AppError("That was very quick. Please look over your message and send it once more.")
    viewer = get_viewer()
    send_message(shown.to_command(viewer.user_id, viewer.business_id), now=now)


def _known_facts() -> dict[str, str]:
    """What somebody signed in need not type."""
    if not current_user.is_authenticated:
        return {}
    return {"name": current_user.name, "email": current_user.email}


def _secret_key() -> list[str]:
    settings: Settings = current_app.extensions["settings"]
    return settings.signing_keys
