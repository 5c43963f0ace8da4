"""Messages people wrote to the shop: read, take on, answer, close."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request
from flask_admin import expose
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from admin import formatters
from admin.access import acting
from admin.base import StaffView
from app.accounts.models import User
from app.accounts.permissions import Permission
from app.businesses.models import Business
from app.contact.answer_message import LONGEST, answer_message
from app.contact.assign_message import assign_message
from app.contact.close_message import close_message
from app.contact.models import ContactMessage
from app.contact.queries import OPEN, count_messages, get_message, list_messages
from app.contact.status import MessageStatus
from app.extensions import db
from app.shared import clock
from app.shared.errors import AppError
from app.shared.history import list_history
from app.web import refuse

_PAGE_SIZE = 50
_LAST_PAGE = 10_000
# What the tabs over the list are called in the address, their words, and what they show.
_TABS = {
    "open": ("To answer", OPEN),
    "answered": ("Answered", (MessageStatus.ANSWERED,)),
    "closed": ("Closed", (MessageStatus.CLOSED,)),
}


class AnswerForm(FlaskForm):
    body = TextAreaField(
        "Your answer",
        [
            InputRequired("Write the answer first."),
            Length(max=LONGEST, message=f"Use at most {LONGEST:,} characters."),
        ],
        filters=[lambda text: (text or "").strip()],
    )


class MessagesView(StaffView):
    view_permission = Permission.CONTACT_ANSWER
    work_tile = "messages"
    lead = "What people wrote through the contact form. Whoever waits longest stands first."

    @expose("/")
    def index(self) -> Any:
        show = request.args.get("show", "open")
        show = show if show in _TABS else "open"
        _, statuses = _TABS[show]
        page = min(max(request.args.get("page", 1, type=int), 1), _LAST_PAGE)
        pages = max(1, -(-count_messages(statuses) // _PAGE_SIZE))
        rows = list_messages(statuses, page=page, size=_PAGE_SIZE)
        return self.render(
            "admin/messages/list.html",
            rows=rows,
            names=_names_of({row.assigned_to_id for row in rows}),
            tabs=[(words, self.get_url(".index", show=key)) for key, (words, _) in _TABS.items()],
            present=_TABS[show][0],
            page=page,
            pages=pages,
            url_of=lambda number: self.get_url(".index", show=show, page=number),
        )

    @expose("/<int(max=9223372036854775807):message_id>")
    def read(self, message_id: int) -> Any:
        return self._page(get_message(message_id), AnswerForm(formdata=None))

    @expose("/<int(max=9223372036854775807):message_id>/assign", methods=("POST",))
    def assign(self, message_id: int) -> Any:
        return self.carry_out(
            lambda: assign_message(message_id, assignee_id=current_user.id, actor=acting(), now=clock.now()),
            done="This message is yours now.",
            back=self.get_url(".read", message_id=message_id),
        )

    @expose("/<int(max=9223372036854775807):message_id>/answer", methods=("POST",))
    def answer(self, message_id: int) -> Any:
        message = get_message(message_id)
        form = AnswerForm()
        if form.validate():
            try:
                answer_message(
                    message_id, form.body.data, author_id=current_user.id, actor=acting(), now=clock.now()
                )
            except AppError as error:
                refuse(form, error)
            else:
                return redirect(self.get_url(".read", message_id=message_id, _anchor="answers"), 303)
        return make_response(self._page(message, form), 422)

    @expose("/<int(max=9223372036854775807):message_id>/close", methods=("POST",))
    def close(self, message_id: int) -> Any:
        return self.carry_out(
            lambda: close_message(message_id, actor=acting(), now=clock.now()),
            done="The message is closed.",
            back=self.get_url(".index"),
        )

    def _page(self, message: ContactMessage, form: AnswerForm) -> str:
        writer = db.session.get(User, message.user_id) if message.user_id else None
        business = db.session.get(Business, message.business_id) if message.business_id else None
        return self.render(
            "admin/messages/read.html",
            message=message,
            form=form,
            writer=writer,
            business=business,
            assignee=_names_of({message.assigned_to_id}).get(message.assigned_to_id, ""),
            is_mine=message.assigned_to_id == current_user.id,
            is_closed=message.status is MessageStatus.CLOSED,
            history=formatters.timeline(list_history("message", message.id)),
        )


def _names_of(user_ids: set[int | None]) -> dict[int | None, str]:
    """Names by id, in one query."""
    wanted = [user_id for user_id in user_ids if user_id is not None]
    if not wanted:
        return {}
    found = db.session.execute(db.select(User.id, User.name).where(User.id.in_(wanted)))
    return {row.id: row.name for row in found}
