"""The second page of signing in, and the page where people turn their second factor on and off."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog
from flask import Blueprint, Response, current_app, request, session, url_for
from flask_login import current_user

from app.accounts.guards import signed_in
from app.accounts.models import User
from app.accounts.sessions import start_session
from app.carts.guest_list import KEY as GUEST_LIST
from app.let_in import let_in
from app.rate_limits import as_set, limit_by_address, limit_by_name, visitor_address
from app.second_factor.answer_code import HalfSignInOver, answer_code
from app.second_factor.begin import begin_second_factor, is_fresh
from app.second_factor.codes import in_groups, link_for_app
from app.second_factor.duty import owes_second_factor
from app.second_factor.forms import ConfirmForm, PasswordForm, SignInCodeForm
from app.second_factor.half_sign_in import KEY, end_half_sign_in, find_half_sign_in
from app.second_factor.models import SecondFactor
from app.second_factor.picture import draw_square
from app.second_factor.queries import count_recovery_codes, find_factor
from app.second_factor.renew_recovery_codes import renew_recovery_codes
from app.second_factor.turn_off import turn_off_own
from app.second_factor.turn_on import turn_on_second_factor
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError
from app.shared.secret_box import secret_box
from app.shop.queries import get_shop
from app.web import go_to, page, refuse, safe_next

blueprint = Blueprint("second_factor", __name__)
log = structlog.stdlib.get_logger("tradepost.security")


def _half_signed_in() -> str:
    """Whose code is being guessed at, whoever guesses: the cookie is signed, so it is true."""
    noted = session.get(KEY)
    return f"code of {noted[0]}" if noted else f"nobody {visitor_address()}"


@blueprint.route("/login/code", methods=["GET", "POST"])
@limit_by_address("40 per 5 minutes; 300 per day")
@limit_by_name(as_set("sign_in_limit"), _half_signed_in, scope="second factor")
def code() -> Response:
    """A code of the phone, or a recovery code: the server tells which."""
    if current_user.is_authenticated:
        return go_to(safe_next(request.args.get("next"), url_for("pages.home")))
    half = find_half_sign_in(clock.now())
    wanted = safe_next(request.args.get("next"), "")
    if half is None:
        return _begin_again(wanted)
    form = SignInCodeForm()
    if form.validate_on_submit():
        try:
            answered = answer_code(form.to_command(half), now=clock.now())
        except HalfSignInOver:
            return _begin_again(wanted)
        except AppError as error:
            log.warning("code_refused", user=half.user_id, address=visitor_address())
            refuse(form, error)
        else:
            user, left = answered.user, answered.codes_left
            log.info("signed_in", user=user.id, role=user.role.value, address=visitor_address())
            return let_in(user, message="" if left is None else _words_about(left))
    return page("second_factor/code.html", status=422 if form.errors else 200, form=form, next=wanted)


def _begin_again(wanted: str) -> Response:
    end_half_sign_in()
    return go_to(url_for("accounts.login", next=wanted or None))


def _words_about(left: int) -> str:
    if not left:
        return "That was your last recovery code. Make new ones now, under Account, Second factor."
    return f"You used a recovery code; {left} {'is' if left == 1 else 'are'} left. Each works once."


@blueprint.get("/account/second-factor")
@signed_in
def show() -> Response:
    """Off: what it is. Begun: the picture and the field for its first code. On: since when, and what one can do."""
    return _show(PasswordForm(formdata=None), ConfirmForm(formdata=None))


@blueprint.post("/account/second-factor/begin")
@signed_in
@limit_by_address("20 per 10 minutes")
def begin() -> Response:
    return _with_password(lambda form: begin_second_factor(form.to_begin(current_user.id), now=clock.now()))


@blueprint.post("/account/second-factor/confirm")
@signed_in
@limit_by_address("20 per 10 minutes")
def confirm() -> Response:
    """The first code from the phone turns it on; the recovery codes are on the page that answers and nowhere else."""
    form = ConfirmForm()
    if not form.validate():
        return _show(PasswordForm(formdata=None), form)
    try:
        user, codes = turn_on_second_factor(form.to_command(current_user.id), now=clock.now())
    except AppError as error:
        return _refused(error, PasswordForm(formdata=None), form)
    start_session(user, keep=(GUEST_LIST,))
    return _codes_page(codes, is_new=True)


@blueprint.post("/account/second-factor/codes")
@signed_in
@limit_by_address("20 per 10 minutes")
def new_codes() -> Response:
    form = PasswordForm()
    if not form.validate():
        return _show(form, ConfirmForm(formdata=None), asked="codes")
    try:
        codes = renew_recovery_codes(form.to_renew(current_user.id), now=clock.now())
    except AppError as error:
        return _refused(error, form, ConfirmForm(formdata=None), asked="codes")
    return _codes_page(codes, is_new=False)


@blueprint.post("/account/second-factor/off")
@signed_in
@limit_by_address("20 per 10 minutes")
def turn_off() -> Response:
    def act(form: PasswordForm) -> None:
        person: User = current_user._get_current_object()
        user = turn_off_own(form.to_turn_off(person.id), actor=person.as_actor, now=clock.now())
        start_session(user, keep=(GUEST_LIST,))

    done = "Your second factor is off. Every other device is signed out."
    return _with_password(act, asked="off", message=done)


def _with_password(act: Callable[[PasswordForm], object], *, asked: str = "", message: str = "") -> Response:
    """Do what asks for the password, and show the page as it is then."""
    form = PasswordForm()
    if not form.validate():
        return _show(form, ConfirmForm(formdata=None), asked=asked)
    try:
        act(form)
    except AppError as error:
        return _refused(error, form, ConfirmForm(formdata=None), asked=asked)
    return go_to(url_for("second_factor.show"), message=message)


def _refused(error: AppError, password: PasswordForm, confirmed: ConfirmForm, asked: str = "") -> Response:
    """Beside the field it is about; what was overtaken by another tab shows the page as it is now, and says so."""
    form = confirmed if error.field == "code" else password if error.field else None
    if form is None:
        return go_to(url_for("second_factor.show"), message=error.message)
    refuse(form, error)
    return _show(password, confirmed, asked=asked)


def _show(password: PasswordForm, confirmed: ConfirmForm, *, asked: str = "") -> Response:
    """`asked` names the form of the page that came back with errors, where there are several with a password."""
    now = clock.now()
    user: User = current_user._get_current_object()
    factor = find_factor(user.id)
    begun = factor if user.second_factor_since is None and is_fresh(factor, now) else None
    return page(
        "second_factor/show.html",
        status=422 if password.errors or confirmed.errors else 200,
        user=user,
        password=password,
        form=confirmed,
        asked=asked,
        codes_left=count_recovery_codes(user.id) if user.second_factor_since else 0,
        is_owed=owes_second_factor(user),
        **_what_to_scan(user, begun),
    )


def _what_to_scan(user: User, begun: SecondFactor | None) -> dict[str, Any]:
    """The picture with the secret, and the secret as one types it; "" where none is begun."""
    if begun is None:
        return {"picture": "", "typed_secret": ""}
    secret = secret_box.decrypt(begun.secret_encrypted)
    link = link_for_app(secret, account=user.email, shop=get_shop().name)
    return {"picture": draw_square(link), "typed_secret": in_groups(secret)}


def _codes_page(codes: list[str], *, is_new: bool) -> Response:
    settings: Settings = current_app.extensions["settings"]
    return page(
        "second_factor/recovery_codes.html",
        codes=codes,
        is_new=is_new,
        site=settings.site_url,
        user=current_user,
    )
