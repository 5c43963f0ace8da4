"""What every page of the back office shares: the frame, asking first, running a use case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import Response, flash, make_response, redirect
from flask_admin.helpers import get_redirect_target

from admin.access import StaffAccess
from admin.background import get_background
from admin.confirm import Question, fields_to_send_again
from admin.rail import build_rail
from app.shared.errors import AppError, NotFound

# Of every number this short the database has a place for it.
_MOST_DIGITS = 19


def row_id(text: Any) -> int:
    """The id in an address or a form; NotFound for anything that is none."""
    if not (isinstance(text, str) and text.isascii() and text.isdigit() and len(text) < _MOST_DIGITS):
        raise NotFound()
    return int(text)


class StaffPage(StaffAccess):
    """What both kinds of view share: the frame, asking first, running use cases."""

    work_tile: ClassVar[str] = ""
    lead: ClassVar[str] = ""

    def render(self, template: str, **needs: Any) -> str:
        needs.setdefault("rail", build_rail(self.admin))  # type: ignore[attr-defined]
        needs.setdefault("background", get_background())
        return super().render(template, **needs)  # type: ignore[misc]

    def ask_first(self, question: Question, back: str = "") -> Response | None:
        """The page that asks, or None once this request says yes. 422 when the typed word was wrong."""
        if question.is_answered:
            return None
        page = self.render(
            "admin/confirm.html",
            question=question,
            fields=fields_to_send_again(question),
            back=back or get_redirect_target() or self.get_url(f".{self._default_view}"),  # type: ignore[attr-defined]
        )
        return make_response(page, 422 if question.is_typed_wrong else 200)

    def carry_out(
        self, step: Callable[[], Any], *, done: str, back: str, back_if_refused: str = ""
    ) -> Response:
        """Run a use case and go back; say what was done, or what was refused and why."""
        try:
            step()
        except NotFound:
            raise
        except AppError as refused:
            flash(refused.message, "danger")
            back = back_if_refused or back
        else:
            flash(done, "good")
        return make_response(redirect(back, 303))
