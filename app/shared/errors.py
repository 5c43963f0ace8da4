"""What can go wrong that is no bug. Doors turn these into pages; see docs/house.md, "Errors"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class AppError(Exception):
    """One expected refusal. The message is safe, and meant, to be shown to the person."""

    def __init__(self, message: str, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field


class NotFound(AppError):
    """It does not exist, or it is not yours: the two are never told apart."""

    def __init__(self, message: str = "We could not find that."):
        super().__init__(message)


class Conflict(AppError):
    """An illegal move or a lost race: the thing changed meanwhile. Show its present state."""


class NotAllowed(AppError):
    """The person is known but lacks the right to do this."""

    def __init__(self, message: str = "Your account is not allowed to do this."):
        super().__init__(message)


@dataclass(frozen=True)
class Violation:
    """One broken rule: a stable code, a sentence for the person, and the endpoint where it can be fixed."""

    code: str
    message: str
    fix_label: str = ""
    fix_endpoint: str = ""
    subject: str = ""


class OutsideFault(Exception):
    """Something outside the shop (payment service, mail server) failed: no bug of ours, and worth another try."""


class RulesBroken(AppError):
    """Several broken rules at once, each with its fix."""

    def __init__(self, violations: Sequence[Violation]):
        super().__init__(" ".join(violation.message for violation in violations))
        self.violations = tuple(violations)
