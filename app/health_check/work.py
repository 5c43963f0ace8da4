"""Rules about what runs by itself: the background's heartbeat, how late its work is, what gave up, who is left alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.health_check.lines import Line, bad, good, span, warning

_BEAT = "Background work"
# A clock that differs by more lets signed links and card holds end at the wrong time; Date headers have whole seconds.
_CLOCK_OFF = timedelta(seconds=5)
_CLOCK_WRONG = timedelta(seconds=60)
_HOW_TO_START = {
    "drain": "Add the cron line: every minute, `flask jobs drain --for 50s` (docs/hosting.md has it whole).",
    "database": "Start `flask jobs work`, as a service that starts again by itself.",
    "rq": "Start `flask jobs work`, and see that Redis runs.",
}


def judge_heartbeat(beat_at: datetime | None, *, now: datetime, standstill: timedelta, jobs: str) -> Line:
    """When background work last ran; `standstill` is how long it may be silent, `jobs` the setting of that name."""
    fix = _HOW_TO_START[jobs]
    if beat_at is None:
        return bad(_BEAT, "It has never run: no mail leaves and no card is charged.", fix)
    silent = now - beat_at
    says = f"last ran {ago(silent)}"
    if silent > standstill:
        return bad(_BEAT, f"It stands still, {says}: no mail leaves and no card is charged.", fix)
    return good(_BEAT, f"It {says}.")


def ago(length: timedelta) -> str:
    """ "just now", "2 min ago", "5 days ago"."""
    return "just now" if length < timedelta(minutes=1) else f"{span(length)} ago"


def judge_wait(wait: timedelta, *, untaken: timedelta, late: timedelta) -> Line:
    """`wait` is how long the oldest piece of work has been owed, `untaken` how long one has waited for a worker to take it."""
    name = "Waiting work"
    says = f"The oldest piece has waited for {span(wait)}."
    if untaken > late / 2:
        fix = "See that a worker runs; if one does and stays behind, start a second one."
        return bad(name, says, fix) if untaken > late else warning(name, says, fix)
    if wait > late:
        return warning(
            name,
            f"{says} It is tried, and does not get through.",
            "Open “Background jobs” in the back office, under “Waiting”, then “Mails” and “Outside services”: they say why.",
        )
    return good(name, f"{span(wait)} behind." if wait else "Nothing waits.")


def judge_dead(count: int) -> Line:
    """How many pieces of work gave up and need a person."""
    if not count:
        return good("Work that gave up", "None.")
    says = f"{count:,} need a person." if count > 1 else "One needs a person."
    return warning(
        "Work that gave up", says, "Open “Background jobs” in the back office: it says why, and tries again."
    )


def judge_circuits(silent: Sequence[tuple[str, datetime | None]], now: datetime) -> Line:
    """`silent` names each outside service that is being left alone, and since when."""
    if not silent:
        return good("Outside services", "None is being left alone.")
    names = ", ".join(f"{name} (for {span(now - since)})" if since else name for name, since in silent)
    return warning(
        "Outside services",
        f"Left alone because they did not answer: {names}.",
        "They are tried again by themselves; if one stays silent, read its line below or its own status page.",
    )


def judge_no_clock(other: str, why: str) -> Line:
    """Where the clock was to be compared and could not be."""
    return warning(
        f"Clock against {other}",
        f"Could not be compared: {why}.",
        "Ask again once it answers; meanwhile compare this machine's clock with another one (`date -u`).",
    )


def judge_clock_alone(last_written: datetime | None, now: datetime) -> Line:
    """Where nothing else here has a clock, because the database is a file on this very machine: it may at least not have
    gone back behind what was written last."""
    name = "Clock"
    outside = "`flask check` without --here asks Square's, too."
    if last_written is None:
        return good(name, f"Nothing here to compare it with yet. {outside}")
    back = last_written - now
    if back > _CLOCK_OFF:
        fix = "Turn on time synchronisation (`timedatectl set-ntp true`), or ask your host to."
        says = f"It went back: background work ran {span(back)} from now."
        return bad(name, says, fix) if back > _CLOCK_WRONG else warning(name, says, fix)
    return good(name, f"It has not gone back since background work last ran. {outside}")


def judge_clock(other: str, difference: timedelta) -> Line:
    """How far this machine's clock is from another one, ahead or behind."""
    name = f"Clock against {other}"
    off = abs(difference)
    side = "ahead" if difference > timedelta(0) else "behind"
    says = f"{span(off)} {side}."
    if off <= _CLOCK_OFF:
        return good(name, "They agree.")
    fix = "Turn on time synchronisation (`timedatectl set-ntp true`), or ask your host to."
    return bad(name, says, fix) if off > _CLOCK_WRONG else warning(name, says, fix)
