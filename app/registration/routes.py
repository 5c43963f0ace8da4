"""From "who can apply" to a confirmed e-mail address."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, request, session, url_for
from flask_login import current_user

from app.accounts.models import TokenPurpose
from app.accounts.queries import get_user
from app.accounts.tokens import LinkNotGood, LinkUsed, find_newest_token, get_usable_token, read_token_id
from app.rate_limits import as_set, limit_by_account, limit_by_address, limit_by_person
from app.registration.correct_address import correct_address
from app.registration.forms import CorrectAddressForm, RegisterForm
from app.registration.pending import Pending, open_pending
from app.registration.register import register as register_person
from app.registration.resend_verification import check_pause, remind_known_address, resend_verification
from app.registration.verify_email import verify_email
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError, Conflict
from app.shop.queries import find_shop
from app.web import go_to, page, refuse

blueprint = Blueprint("registration", __name__)

_KEY = "registration"


@blueprint.route("/register", methods=["GET", "POST"])
@limit_by_person(as_set("registration_limit"))
@limit_by_address("60 per hour")
@limit_by_account("20 per hour")
def register() -> Response:
    if current_user.is_authenticated:
        return go_to(url_for("businesses.status"))
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            pending = register_person(form.to_command(), now=clock.now(), lifetime=_lifetime())
        except AppError as error:
            refuse(form, error)
        else:
            session[_KEY] = pending.seal()
            return go_to(url_for("registration.check_mail"))
    shop = find_shop()
    return _page("registration/register.html", form, review_days=shop.review_days if shop else 2)


@blueprint.get("/register/check-mail")
def check_mail() -> Response:
    pending = _find_pending()
    if pending is None:
        return go_to(
            url_for("businesses.status" if current_user.is_authenticated else "registration.register")
        )
    if _is_confirmed(pending):
        session.pop(_KEY, None)
        return go_to(url_for("accounts.login"), message="Your e-mail address is confirmed. Sign in to go on.")
    return _check_mail_page(pending)


@blueprint.post("/register/resend")
@limit_by_address("20 per hour")
def resend() -> Response:
    pending = _find_pending()
    if pending is None:
        return go_to(url_for("accounts.login"))
    now = clock.now()
    try:
        check_pause(pending.sent_at, now)
        if pending.user_id is None:
            remind_known_address(pending.email)
        else:
            resend_verification(pending.user_id, now=now, lifetime=_lifetime())
    except AppError as error:
        return _check_mail_page(pending, notice=error.message)
    session[_KEY] = replace(pending, sent_at=now).seal()
    return go_to(
        url_for("registration.check_mail"), message=f"Another mail is on its way to {pending.email}."
    )


@blueprint.post("/register/correct")
@limit_by_address("20 per hour")
@limit_by_account("6 per hour")
def correct() -> Response:
    pending = _find_pending()
    if pending is None:
        return go_to(url_for("accounts.login"))
    form = CorrectAddressForm()
    if form.validate_on_submit():
        try:
            corrected = correct_address(pending, form.email.data, now=clock.now(), lifetime=_lifetime())
        except Conflict:
            return go_to(
                url_for("accounts.login"), message="Your address is confirmed already. Sign in to go on."
            )
        except AppError as error:
            refuse(form, error)
        else:
            session[_KEY] = corrected.seal()
            return go_to(
                url_for("registration.check_mail"), message=f"The mail is on its way to {corrected.email}."
            )
    return _check_mail_page(pending, form)


@blueprint.route("/verify/<token>", methods=["GET", "POST"])
@limit_by_address("60 per hour")
def verify(token: str) -> Response:
    """Opening the link changes nothing: programs that look through mail open links, too. The button confirms."""
    now = clock.now()
    try:
        token_id = read_token_id(token, TokenPurpose.VERIFY_EMAIL, _settings().signing_keys)
        if request.method != "POST":
            _, person = get_usable_token(token_id, TokenPurpose.VERIFY_EMAIL, now)
            return page("registration/verify.html", token=token, email=person.email)
        user = verify_email(token_id, now=now)
    except LinkNotGood as error:
        return page(
            "registration/verify_link_ended.html",
            status=410,
            why=error.message,
            was_used=isinstance(error, LinkUsed),
        )
    session.pop(_KEY, None)
    if current_user.is_authenticated and current_user.id == user.id:
        return go_to(url_for("businesses.application"), message="Your e-mail address is confirmed.")
    return go_to(
        url_for("accounts.login", next=url_for("businesses.status")),
        message="Your e-mail address is confirmed. Sign in to tell us about your business.",
    )


def _find_pending() -> Pending | None:
    """The unconfirmed registration of this browser, or of whoever is signed in."""
    sealed = open_pending(session.get(_KEY))
    if not current_user.is_authenticated:
        return sealed
    if current_user.is_verified:
        return None
    if sealed is not None and sealed.user_id == current_user.id:
        return sealed
    newest = find_newest_token(current_user.id, TokenPurpose.VERIFY_EMAIL)
    sent_at = newest.created_at if newest else current_user.created_at
    return Pending(current_user.email, current_user.name, "", current_user.id, sent_at)


def _is_confirmed(pending: Pending) -> bool:
    """Whether the link was used meanwhile, perhaps in another browser."""
    return pending.user_id is not None and get_user(pending.user_id).is_verified


def _check_mail_page(pending: Pending, form: CorrectAddressForm | None = None, notice: str = "") -> Response:
    shown = form or CorrectAddressForm(formdata=None)
    status = 422 if notice else None
    return _page(
        "registration/check_mail.html",
        shown,
        status=status,
        email=pending.email,
        hours=_settings().verification_hours,
        notice=notice,
    )


def _page(template: str, form: Any, *, status: int | None = None, **needs: Any) -> Response:
    return page(template, status=status or (422 if form.errors else 200), form=form, **needs)


def _lifetime() -> timedelta:
    return timedelta(hours=_settings().verification_hours)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
