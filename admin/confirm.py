"""Dangerous buttons ask first, with scripts and without.

A form that does harm posts straight to its address. Unless it carries `confirmed=yes`, the address answers with a page that
says what will happen and posts the same fields again with `confirmed=yes`. The desk's script asks in a dialog and adds
that field itself, so most people never see the page; nothing depends on the script.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import request


@dataclass(frozen=True)
class Question:
    """What is asked: `Cancel order HP-1042?`, what it does, and the word on the button.

    `type_to_confirm` is what must be typed (an order's number) before something big goes through; such forms carry no
    `data-confirm`, so that the page always shows. `also_send`: what the answer carries beside the fields of this request.
    """

    title: str
    effect: str
    yes: str
    type_to_confirm: str = ""
    also_send: tuple[tuple[str, str], ...] = ()

    @property
    def is_answered(self) -> bool:
        """Whether this request is the answer "yes" to it."""
        if request.form.get("confirmed") != "yes":
            return False
        return not self.type_to_confirm or self.is_typed_right

    @property
    def is_typed_right(self) -> bool:
        return request.form.get("typed", "").strip().casefold() == self.type_to_confirm.casefold()

    @property
    def is_typed_wrong(self) -> bool:
        return bool(self.type_to_confirm) and "typed" in request.form and not self.is_typed_right


def fields_to_send_again(question: Question | None = None) -> list[tuple[str, str]]:
    """Every field of this request but the answer itself, and what the question adds."""
    added = question.also_send if question else ()
    mine = {"confirmed", "typed", "csrf_token", *(name for name, _ in added)}
    kept = [(name, value) for name, values in request.form.lists() for value in values if name not in mine]
    return [*kept, *added]
