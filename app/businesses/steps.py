"""The screens of an application, which fields stand on which, and which may be changed now. Pure."""

from __future__ import annotations

from collections.abc import Collection

from app.businesses.completeness import FIELDS
from app.businesses.status import BusinessStatus
from app.shared.status import LabelEnum


class Step(LabelEnum):
    FACTS = "facts", "Your business"
    ADDRESS = "address", "Address"
    CERTIFICATE = "certificate", "Resale certificate"
    CHECK = "check", "Check and send"


FIELDS_OF: dict[Step, tuple[str, ...]] = {
    Step.FACTS: ("legal_name", "trade_name", "kind", "ein", "phone", "website"),
    Step.ADDRESS: ("address",),
    Step.CERTIFICATE: ("certificate_number", "certificate_state", "certificate_dates", "certificate_file"),
    Step.CHECK: (),
}


def open_fields(status: BusinessStatus | None, requested: Collection[str]) -> frozenset[str]:
    """Which fields the applicant may change: all of a draft or a refused application, the requested ones of a question."""
    if status in {None, BusinessStatus.DRAFT, BusinessStatus.REJECTED}:
        return frozenset(FIELDS)
    if status is BusinessStatus.NEEDS_INFORMATION:
        return frozenset(requested) & frozenset(FIELDS)
    return frozenset()


def open_steps(fields: Collection[str]) -> list[Step]:
    """The screens that hold at least one open field, and the last one, where everything is sent."""
    return [step for step in Step if step is Step.CHECK or any(name in fields for name in FIELDS_OF[step])]


def step_of(field: str) -> Step:
    """The screen a field stands on."""
    return next((step for step, names in FIELDS_OF.items() if field in names), Step.FACTS)


def next_step(step: Step, steps: list[Step]) -> Step:
    """The screen after this one among those that are open."""
    order = list(Step)
    later = [each for each in steps if order.index(each) > order.index(step)]
    return later[0] if later else Step.CHECK


def first_unfinished(missing: Collection[str], steps: list[Step], asked: Collection[str] = ()) -> Step:
    """Where to go on: the screen that was asked for, else the first that lacks something, else the last one."""
    if asked:
        return steps[0]
    lacking = [step for step in steps if any(name in missing for name in FIELDS_OF[step])]
    return lacking[0] if lacking else Step.CHECK


def reachable_steps(steps: list[Step], present: Step, missing: Collection[str]) -> set[Step]:
    """The screens one can jump to: those that lack nothing, and those before the present one."""
    order = list(Step)
    lacking = {step for step in steps if any(name in missing for name in FIELDS_OF[step])}
    if missing:
        lacking.add(Step.CHECK)
    return {step for step in steps if step not in lacking or order.index(step) < order.index(present)}
