"""The way from a confirmed address to open prices, as the applicant sees it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.businesses.status import BusinessStatus

_S = BusinessStatus


@dataclass(frozen=True)
class Milestone:
    """One step of the way; state is done, now, later or failed, as the shop's timeline shows them."""

    title: str
    state: str
    words: str = ""
    at: datetime | None = None


def build_progress(
    status: BusinessStatus | None,
    *,
    verified_at: datetime | None,
    submitted_at: datetime | None,
    decided_at: datetime | None,
    review_days: int,
) -> list[Milestone]:
    """Four named steps, with exactly one of them being the present one unless all is done."""
    days = f"{review_days} business day" + ("" if review_days == 1 else "s")
    return [
        Milestone("E-mail address confirmed", "done", at=verified_at),
        _telling(status, submitted_at),
        _reviewing(status, decided_at, days),
        _open(status),
    ]


def _telling(status: BusinessStatus | None, submitted_at: datetime | None) -> Milestone:
    if status in {None, _S.DRAFT}:
        return Milestone(
            "Tell us about your business",
            "now",
            "Who you are, your address and your resale certificate: about 3 minutes.",
        )
    if status is _S.NEEDS_INFORMATION:
        return Milestone(
            "Application sent", "now", "We have a question. Answer it, and it goes back to us.", submitted_at
        )
    return Milestone("Application sent", "done", at=submitted_at)


def _reviewing(status: BusinessStatus | None, decided_at: datetime | None, days: str) -> Milestone:
    if status is _S.SUBMITTED:
        return Milestone("We look at it", "now", f"Usually within {days}. We write to you either way.")
    if status is _S.REJECTED:
        return Milestone(
            "Not approved",
            "failed",
            "The reason is above. You may correct your facts and send them again.",
            decided_at,
        )
    if status in {_S.APPROVED, _S.SUSPENDED}:
        return Milestone("Approved", "done", at=decided_at)
    return Milestone("We look at it", "later", f"Usually within {days}.")


def _open(status: BusinessStatus | None) -> Milestone:
    if status is _S.APPROVED:
        return Milestone("Prices and ordering are open", "done")
    if status is _S.SUSPENDED:
        return Milestone(
            "On hold",
            "failed",
            "Prices and ordering are closed at the moment. Your orders and papers stay open to you.",
        )
    return Milestone("Prices and ordering open", "later")
