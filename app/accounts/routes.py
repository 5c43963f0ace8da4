"""Signing in and out, passwords, and the page about one's own account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, g, request, url_for
from flask_login import current_user

from app.accounts.change_password import change_password
from app.accounts.end_sessions import end_own_session
from app.accounts.forms import ChangePasswordForm, ForgotForm, NewPasswordForm, SignInForm
from app.accounts.guards import signed_in
from app.accounts.log_in import log_in
from app.accounts.log_out_everywhere import log_out_everywhere
from app.accounts.models import TokenPurpose
from app.accounts.queries import list_sessions_of
from app.accounts.request_password_reset import request_password_reset
from app.accounts.reset_password import reset_password
from app.accounts.sessions import end_session, start_session
from app.accounts.tokens import LinkNotGood, get_usable_token, read_token_id
from app.businesses.viewer import get_viewer
from app.carts.guest_list import KEY as GUEST_LIST
from app.let_in import let_in
from app.rate_limits import as_set, limit_by_account, limit_by_address, visitor_address
from app.second_factor.half_sign_in import begin_half_sign_in
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError
from app.web import go_to, page, refuse, safe_next

blueprint = Blueprint("accounts", __name__)
log = structlog.stdlib.get_logger("tradepost.security")


@blueprint.route("/login", methods=["GET", "POST"])
@limit_by_address("40 per 5 minutes; 300 per day")
@limit_by_account(as_set("sign_in_limit"))
def login() -> Response:
    if current_user.is_authenticated:
        return go_to(safe_next(request.args.get("next"), url_for("pages.home")))
    form = SignInForm()
    if form.validate_on_submit():
        try:
            user = log_in(form.to_command(), now=clock.now())
        except AppError as error:
            log.warning("sign_in_refused", reason=type(error).__name__, address=visitor_address())
            refuse(form, error)
        else:
            if user.second_factor_since is not None:
                begin_half_sign_in(user, now=clock.now(), keep=(GUEST_LIST,))
                wanted = safe_next(request.args.get("next"), "")
                return go_to(url_for("second_factor.code", next=wanted or None))
            log.info("signed_in", user=user.id, role=user.role.value, address=visitor_address())
            return let_in(user)
    return _form_page("accounts/login.html", form, next=safe_next(request.args.get("next"), ""))


@blueprint.post("/logout")
def logout() -> Response:
    end_session()
    return go_to(url_for("pages.home"), message="You are signed out.")


@blueprint.route("/password/forgot", methods=["GET", "POST"])
@limit_by_address("20 per hour")
@limit_by_account("5 per hour")
def forgot() -> Response:
    form = ForgotForm()
    if form.validate_on_submit():
        minutes = _settings().reset_minutes
        request_password_reset(form.email.data, now=clock.now(), lifetime=timedelta(minutes=minutes))
        return page("accounts/forgot_sent.html", email=form.email.data.strip(), minutes=minutes)
    return _form_page("accounts/forgot.html", form)


@blueprint.route("/password/reset/<token>", methods=["GET", "POST"])
@limit_by_address("30 per hour")
def reset(token: str) -> Response:
    form = NewPasswordForm()
    try:
        token_id = read_token_id(token, TokenPurpose.RESET_PASSWORD, _settings().signing_keys)
        _, person = get_usable_token(token_id, TokenPurpose.RESET_PASSWORD, clock.now())
        if form.validate_on_submit():
            reset_password(form.to_command(token_id), now=clock.now())
            end_session()
            return go_to(
                url_for("accounts.login"), message="Your password is changed. Sign in with the new one."
            )
    except LinkNotGood as error:
        return page("accounts/reset_link_ended.html", status=410, why=error.message)
    except AppError as error:
        refuse(form, error)
    return _form_page("accounts/reset.html", form, token=token, email=person.email)


@blueprint.get("/account")
@signed_in
def account() -> Response:
    return page("accounts/account.html", user=current_user, viewer=get_viewer())


@blueprint.route("/account/security", methods=["GET", "POST"])
@signed_in
@limit_by_address("20 per 10 minutes")
def security() -> Response:
    form = ChangePasswordForm()
    if form.validate_on_submit():
        try:
            user = change_password(form.to_command(current_user.id), now=clock.now())
        except AppError as error:
            refuse(form, error)
        else:
            start_session(user, keep=(GUEST_LIST,))
            words = "Your password is changed. Every other device is signed out."
            return go_to(url_for("accounts.security"), message=words)
    sessions = list_sessions_of(current_user, clock.now())
    here = g.session_in_use.id
    return _form_page("accounts/security.html", form, user=current_user, sessions=sessions, this_session=here)


@blueprint.post("/account/security/sessions/<int:session_id>/end")
@signed_in
def end_one_session(session_id: int) -> Response:
    if session_id == g.session_in_use.id:
        end_session()
        return go_to(url_for("accounts.login"), message="You are signed out here.")
    end_own_session(session_id, user=current_user, now=clock.now())
    return go_to(url_for("accounts.security"), message="That device is signed out.")


@blueprint.post("/account/security/sign-out-everywhere")
@signed_in
def sign_out_everywhere() -> Response:
    log_out_everywhere(current_user.id, actor=current_user.as_actor, now=clock.now())
    end_session()
    return go_to(url_for("accounts.login"), message="You are signed out on every device, this one included.")


def _form_page(template: str, form: Any, **needs: Any) -> Response:
    return page(template, status=422 if form.errors else 200, form=form, **needs)


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
