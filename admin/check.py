"""The check of the whole shop: what is set up wrong or does not run, and how to put it right."""

from __future__ import annotations

from flask import current_app, request
from flask_admin import expose
from markupsafe import Markup, escape

from admin.base import StaffView
from app.accounts.permissions import Permission
from app.health_check.arrival import read_arrival
from app.health_check.check_here import check_here
from app.health_check.check_outside import check_outside
from app.health_check.lines import Line, Verdict, count_verdicts
from app.settings import Settings

_WORST_FIRST = (Verdict.BAD, Verdict.WARNING, Verdict.GOOD)


class CheckView(StaffView):
    view_permission = Permission.SHOP_SETTINGS
    lead = "Everything the shop stands on, and the way out where something is wrong."

    @expose("/")
    def index(self) -> str:
        """What can be told at once."""
        return self._page(check_here(_settings(), read_arrival(request)), is_whole=False)

    @expose("/outside")
    def outside(self) -> str:
        """The same and what others say: takes as long as they do, some 20 seconds at most. Changes nothing."""
        settings = _settings()
        return self._page(
            [*check_here(settings, read_arrival(request)), *check_outside(settings)], is_whole=True
        )

    def _page(self, lines: list[Line], *, is_whole: bool) -> str:
        return self.render(
            "admin/check/list.html",
            lines=sorted(lines, key=lambda line: _WORST_FIRST.index(line.verdict)),
            bad=count_verdicts(lines)[Verdict.BAD],
            warnings=count_verdicts(lines)[Verdict.WARNING],
            is_whole=is_whole,
            words=show_commands,
        )


def show_commands(text: str) -> Markup:
    """The text with what stands `between backticks` set as something to type."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
