"""The pages of one's own business: where it stands, the application, papers, the address book."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Response, current_app, request, url_for
from flask_login import current_user

from app.accounts.guards import signed_in, verified
from app.accounts.permissions import Permission
from app.businesses.add_certificate import add_certificate
from app.businesses.address_routes import addresses, default_address, edit_address, remove_address
from app.businesses.completeness import check_complete, check_fields, missing_fields
from app.businesses.forms import BusinessForm, NewCertificateForm, build_form
from app.businesses.guards import of_business
from app.businesses.keep_upload import keep_upload
from app.businesses.paper_answer import answer_with_paper
from app.businesses.progress import build_progress
from app.businesses.queries import (
    Application,
    find_application,
    find_own_upload,
    get_own_business,
    get_upload,
    list_certificates,
)
from app.businesses.save_business_address import save_business_address
from app.businesses.save_business_certificate import save_business_certificate
from app.businesses.save_business_facts import save_business_facts
from app.businesses.sent_document import or_discard, read_sent_document
from app.businesses.status import BusinessStatus
from app.businesses.steps import (
    FIELDS_OF,
    Step,
    first_unfinished,
    next_step,
    open_fields,
    open_steps,
    reachable_steps,
    step_of,
)
from app.businesses.submit_application import submit_application
from app.businesses.viewer import get_viewer
from app.rate_limits import limit_by_address
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError, Conflict, NotAllowed, RulesBroken, Violation
from app.shop.queries import find_shop, shop_today
from app.template_filters import when
from app.web import go_to, page, refuse

blueprint = Blueprint("businesses", __name__)


@blueprint.get("/business")
@verified
def status() -> Response:
    """Where the application stands and what comes next."""
    application = _own_application()
    business = application.business
    shop = find_shop()
    progress = build_progress(
        business.status,
        verified_at=current_user.email_verified_at,
        submitted_at=business.submitted_at,
        decided_at=business.decided_at,
        review_days=shop.review_days if shop else 2,
    )
    steps = [
        {
            "title": each.title,
            "state": each.state,
            "words": each.words,
            "when_text": when(each.at) if each.at else "",
        }
        for each in progress
    ]
    return page("businesses/status.html", application=application, business=business, progress=steps)


@blueprint.route("/business/application", methods=["GET", "POST"])
@limit_by_address("120 per hour")
@verified
def application() -> Response:
    """One screen of the application. Each saves what is right, so that nobody has to finish in one go."""
    held = _own_application()
    fields = open_fields(held.business.status, held.business.requested_fields or [])
    if not fields:
        return go_to(url_for("businesses.status"))
    steps = open_steps(fields)
    step = _chosen_step(held, steps)
    form = build_form(step, held)
    if step is not Step.CHECK:
        form.keep_only(fields)
    if request.method == "GET" or not form.validate():
        return _application_page(form, step, steps, held)
    if step is Step.CHECK:
        return _submit(form, steps, held)
    return _save_step(form, step, steps, fields)


def _own_application() -> Application:
    if current_user.is_staff and current_user.business_id is None:
        raise NotAllowed("Staff accounts have no business of their own. Applications are in the back office.")
    return find_application(current_user.business_id)


def _chosen_step(held: Application, steps: list[Step]) -> Step:
    """The screen in the address when it is open, else the one asked for or the first that lacks something."""
    chosen = next((step for step in steps if step.value == request.args.get("step")), None)
    asked = held.business.requested_fields
    return chosen or first_unfinished(missing_fields(held.facts), steps, asked or ())


def _save_step(form: BusinessForm, step: Step, steps: list[Step], fields: frozenset[str]) -> Response:
    is_later = bool(request.form.get("later"))
    try:
        found = _SAVE[step](form)
    except Conflict:
        return go_to(url_for("businesses.status"))
    held = find_application(current_user.business_id)
    if is_later:
        found = [each for each in found if each.code != "missing"]
    else:
        told = {each.subject for each in found}
        here = fields.intersection(FIELDS_OF[step])
        more = check_fields(held.facts, here)
        found = [
            *found,
            *(
                each
                for each in more
                if each.subject not in told and not (found and each.subject == "address")
            ),
        ]
    if found:
        form.show(found)
        return _application_page(form, step, steps, held, status=422)
    if is_later:
        words = "Your application is saved. Go on whenever you like."
        return go_to(url_for("businesses.status"), message=words)
    return go_to(_address_of(next_step(step, steps)))


def _address_of(step: Step) -> str:
    return url_for("businesses.application", step=step.value)


def _save_facts(form: Any) -> list[Violation]:
    return save_business_facts(form.to_command(current_user.id), now=clock.now())


def _save_address(form: Any) -> list[Violation]:
    return save_business_address(current_user.id, form.to_address(), now=clock.now())


def _save_certificate(form: Any) -> list[Violation]:
    """The file is checked and written before the transaction; refused, the rest is saved all the same."""
    now = clock.now()
    document, found = read_sent_document(form, _settings())

    def save() -> list[Violation]:
        command = form.to_command(current_user.id, document)
        return save_business_certificate(command, now=now, today=shop_today(now))

    return found + or_discard(document, save)


_SAVE: dict[Step, Callable[[Any], list[Violation]]] = {
    Step.FACTS: _save_facts,
    Step.ADDRESS: _save_address,
    Step.CERTIFICATE: _save_certificate,
}


def _submit(form: Any, steps: list[Step], held: Application) -> Response:
    now = clock.now()
    try:
        submit_application(current_user.id, answer=form.answer.data or "", now=now, today=shop_today(now))
    except RulesBroken as broken:
        return _application_page(form, Step.CHECK, steps, held, status=422, found=list(broken.violations))
    except Conflict:
        return go_to(url_for("businesses.status"))
    return go_to(url_for("businesses.status"), message="Thank you. Your application is with us now.")


def _application_page(
    form: BusinessForm,
    step: Step,
    steps: list[Step],
    held: Application,
    *,
    status: int = 0,
    found: list[Violation] | None = None,
) -> Response:
    missing = check_complete(held.facts) if step is Step.CHECK else []
    reachable = reachable_steps(steps, step, missing_fields(held.facts))
    fixes = [(each.message, _address_of(step_of(each.subject))) for each in found or []]
    return page(
        "businesses/application.html",
        status=status or (422 if form.errors else 200),
        form=form,
        step=step,
        steps=[(each.label, _address_of(each) if each in reachable else None) for each in steps],
        held=held,
        business=held.business,
        fields=open_fields(held.business.status, held.business.requested_fields or []),
        missing=[(each.subject, each.message) for each in missing],
        fixes=fixes,
        most_megabytes=_settings().upload_megabytes,
    )


@blueprint.get("/business/document/<int:upload_id>")
@signed_in
def document(upload_id: int) -> Response:
    """A private paper, for its own business and for staff who may see papers; for anyone else it does not exist."""
    upload = get_upload(
        upload_id, business_id=current_user.business_id, is_staff=current_user.can(Permission.BUSINESSES_VIEW)
    )
    return answer_with_paper(upload, as_attachment=bool(request.args.get("download")))


@blueprint.route("/business/certificates", methods=["GET", "POST"])
@limit_by_address("60 per hour")
@of_business
def certificates() -> Response:
    """The certificates of every state, and one more."""
    business = get_own_business(get_viewer().business_id)
    form = NewCertificateForm()
    now = clock.now()
    if form.validate_on_submit():
        kept, found = _keep_sent_file(form, business.id)
        try:
            if found:
                raise RulesBroken(found)
            add_certificate(
                form.to_new(business.id, kept), actor=current_user.as_actor, now=now, today=shop_today(now)
            )
        except RulesBroken as broken:
            form.show(broken.violations)
        except AppError as error:
            refuse(form, error)
        else:
            words = "Thank you. We look at it and tell you here; until then goods to that state stay taxed."
            return go_to(url_for("businesses.certificates"), message=words)
    kept_file = find_own_upload(form.kept.data, business.id)
    return page(
        "businesses/certificates.html",
        status=422 if form.errors else 200,
        form=form,
        business=business,
        certificates=list_certificates(business.id),
        kept_file=kept_file,
        may_add=business.status is BusinessStatus.APPROVED,
        today=shop_today(now),
        most_megabytes=_settings().upload_megabytes,
    )


def _keep_sent_file(form: NewCertificateForm, business_id: int) -> tuple[int | None, list[Violation]]:
    """The id of the file sent now, or with an earlier try; and what was wrong with the one sent now."""
    document, found = read_sent_document(form, _settings())
    if document is None:
        held = find_own_upload(form.kept.data, business_id)
        return (held.id if held else None), found

    def keep() -> int:
        return keep_upload(document, business_id=business_id, user_id=current_user.id, now=clock.now())

    kept = or_discard(document, keep)
    form.kept.data = str(kept)
    return kept, found


blueprint.add_url_rule("/addresses", view_func=addresses, methods=["GET", "POST"])
blueprint.add_url_rule("/addresses/<int:address_id>", view_func=edit_address, methods=["GET", "POST"])
blueprint.add_url_rule("/addresses/<int:address_id>/archive", view_func=remove_address, methods=["POST"])
blueprint.add_url_rule("/addresses/<int:address_id>/default", view_func=default_address, methods=["POST"])


def _settings() -> Settings:
    return cast(Settings, current_app.extensions["settings"])
