"""Applications: who waits longest, all facts and papers on one screen, and the three answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import make_response, redirect, request
from flask_admin import expose
from flask_wtf import FlaskForm

from admin.access import acting, requires
from admin.approval_forms import ApproveForm, AskForm, RejectForm
from admin.approval_mails import approved_mail, asked_mail, rejected_mail
from admin.base import StaffView
from admin.business_page import business_needs, get_business
from admin.confirm import Question, fields_to_send_again
from app.accounts.permissions import Permission
from app.businesses.completeness import FIELDS
from app.businesses.duplicates import find_duplicates
from app.businesses.models import Business
from app.businesses.queries import list_certificates, list_groups, list_queue
from app.businesses.reveal_ein import reveal_ein
from app.businesses.review_application import approve, ask, reject
from app.businesses.status import BusinessStatus, CertificateStatus
from app.mail.message import Message
from app.shared import clock
from app.shared.us_states import state_name

# What the tabs over the queue are called in the address, and what they show.
_TABS = {
    "waiting": ("Waiting for a decision", BusinessStatus.SUBMITTED),
    "asked": ("Asked, not answered yet", BusinessStatus.NEEDS_INFORMATION),
    "draft": ("Not sent yet", BusinessStatus.DRAFT),
}
_FORMS: dict[str, type[FlaskForm]] = {"approve": ApproveForm, "reject": RejectForm, "ask": AskForm}


class ApprovalsView(StaffView):
    view_permission = Permission.BUSINESSES_VIEW
    work_tile = "applications"
    lead = "Whoever waits longest stands first."

    @expose("/")
    def index(self) -> Any:
        show = request.args.get("show", "waiting")
        show = show if show in _TABS else "waiting"
        name, status = _TABS[show]
        rows = list_queue(status)
        now = clock.now()
        return self.render(
            "admin/approvals/list.html",
            rows=rows,
            waits={
                each.business.id: waiting_words(
                    (now - (each.business.submitted_at or each.business.created_at)).total_seconds()
                )
                for each in rows
            },
            hints=find_duplicates({each.business.id for each in rows}),
            states={
                each.business.id: state_name(each.address.state) if each.address else "" for each in rows
            },
            tabs=[(words, self.get_url(".index", show=key)) for key, (words, _) in _TABS.items()],
            present=name,
        )

    @expose("/<int:business_id>")
    def show(self, business_id: int) -> Any:
        """One screen with everything; what is not waiting any more is on its business's own page."""
        business = get_business(business_id)
        if business.status is not BusinessStatus.SUBMITTED:
            return redirect(self.get_url("businesses_desk.details_view", id=business_id))
        return self._page(business)

    @expose("/<int:business_id>/ein", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def show_ein(self, business_id: int) -> Any:
        """The whole EIN, once, on this answer alone; that somebody looked is in the history."""
        ein = reveal_ein(business_id, actor=acting(), now=clock.now())
        return self._page(get_business(business_id), ein=ein)

    @expose("/<int:business_id>/approve", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def approve(self, business_id: int) -> Any:
        business, form = get_business(business_id), ApproveForm()
        groups = list_groups()
        form.offer(groups, list_certificates(business_id))
        if not form.validate():
            return self._page(business, status=422, approve_form=form)
        group = next(each for each in groups if str(each.id) == form.group.data)
        chosen = frozenset(
            int(each) for each in form.certificates.data or () if each.isascii() and each.isdigit()
        )
        verified = ", ".join(
            f"{each.state} {each.number}" for each in list_certificates(business_id) if each.id in chosen
        )
        papers = (
            f" Verified: {verified}." if verified else " No certificate is verified, so orders are taxed."
        )
        question = Question(
            f"Approve {business.display_name}?",
            f"Prices and ordering open at once, with the prices of “{group.name}”.{papers}",
            "Approve and send the e-mail",
        )
        return self._decide(
            question, approved_mail(business, group), business,
            lambda: approve(business_id, group_id=group.id, certificate_ids=chosen, actor=acting(), now=clock.now()),
            done=f"{business.display_name} is approved.",
        )  # fmt: skip

    @expose("/<int:business_id>/reject", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def reject(self, business_id: int) -> Any:
        business, form = get_business(business_id), RejectForm()
        if not form.validate():
            return self._page(business, status=422, reject_form=form)
        reason = form.whole_reason
        question = Question(
            f"Reject {business.display_name}?",
            "They read the reason in the mail and on their page, and may correct their facts and send them again.",
            "Reject and send the e-mail",
        )
        return self._decide(
            question, rejected_mail(business, reason), business,
            lambda: reject(business_id, reason=reason, actor=acting(), now=clock.now()),
            done=f"{business.display_name} is rejected.",
        )  # fmt: skip

    @expose("/<int:business_id>/ask", methods=("POST",))
    @requires(Permission.BUSINESSES_REVIEW)
    def ask(self, business_id: int) -> Any:
        business, form = get_business(business_id), AskForm()
        if not form.validate():
            return self._page(business, status=422, ask_form=form)
        names = [FIELDS[name] for name in FIELDS if name in form.fields.data]
        question = Question(
            f"Ask {business.display_name}?",
            f"These fields open for them: {', '.join(names)}. Everything else stays as it is.",
            "Send the question",
        )
        return self._decide(
            question, asked_mail(business, form.question.data), business,
            lambda: ask(business_id, fields=form.fields.data, question=form.question.data, actor=acting(), now=clock.now()),
            done=f"The question to {business.display_name} is on its way.",
        )  # fmt: skip

    def _decide(
        self, question: Question, mail: Message, business: Business, step: Callable[[], None], *, done: str
    ) -> Any:
        """First the page that shows the mail; the answer "yes" to it runs the use case."""
        if question.is_answered:
            return self.carry_out(step, done=done, back=self.get_url(".index"))
        back = self.get_url(".show", business_id=business.id)
        return self.render(
            "admin/approvals/confirm.html",
            question=question,
            mail=mail,
            fields=fields_to_send_again(),
            back=back,
        )

    def _page(self, business: Business, *, status: int = 200, ein: str = "", **sent: FlaskForm) -> Any:
        needs = business_needs(business, ein=ein)
        forms = {f"{name}_form": kind(formdata=None) for name, kind in _FORMS.items()} | sent
        forms["approve_form"].offer(list_groups(), needs["waiting_papers"])
        waiting = (clock.now() - (business.submitted_at or business.created_at)).total_seconds()
        page = self.render(
            "admin/approvals/show.html", **needs, **forms, waits=waiting_words(waiting),
            wrong=next((name for name in _FORMS if forms[f"{name}_form"].errors), ""),
            first_paper=next((each for each in needs["papers"] if each.status is CertificateStatus.SUBMITTED and each.upload), None),
        )  # fmt: skip
        return make_response(page, status)


def waiting_words(seconds: float) -> str:
    """How long somebody waits, in the largest unit that fits: "20 minutes", "5 hours", "3 days"."""
    for size, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        number = int(seconds // size)
        if number:
            return f"{number} {noun}{'' if number == 1 else 's'}"
    return "Just now"
