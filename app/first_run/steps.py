"""The steps of setting up, in order, and how far one has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from app.first_run.draft import Draft
from app.first_run.forms import AddressForm, DatabaseForm, MailForm, OwnerForm, ShopForm, SquareForm, StepForm
from app.first_run.outcome import Outcome
from app.first_run.try_address import try_address
from app.first_run.try_database import try_database
from app.first_run.try_mail import try_mail
from app.first_run.try_square import try_square


@dataclass(frozen=True)
class Step:
    """`test` asks the service itself; where `is_needed` nothing goes on before it answers as it should."""

    name: str
    title: str
    form: type[StepForm]
    test: Callable[[Draft, Path], Outcome] | None = None
    is_needed: bool = False


STEPS = (
    Step("database", "Data", DatabaseForm, try_database, is_needed=True),
    Step("address", "Site", AddressForm, try_address),
    Step("mail", "Mail", MailForm, try_mail),
    Step("cards", "Cards", SquareForm, try_square),
    Step("shop", "Shop", ShopForm),
    Step("owner", "You", OwnerForm),
)


def find_step(name: str) -> Step | None:
    return next((step for step in STEPS if step.name == name), None)


def next_open(draft: Draft) -> Step:
    """The first step that is not done; the last one when all before it are."""
    return next((step for step in STEPS[:-1] if step.name not in draft.done), STEPS[-1])


def is_open(step: Step, draft: Draft) -> bool:
    """Whether it may be gone to: it is done, or everything before it is."""
    return STEPS.index(step) <= STEPS.index(next_open(draft)) or step.name in draft.done
