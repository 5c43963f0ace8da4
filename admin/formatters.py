"""How values look in lists, details, timelines and exported files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from markupsafe import Markup

from app.businesses.status import BusinessStatus
from app.contact.status import MessageStatus
from app.orders.status import OrderStatus
from app.payments.difference_kinds import DifferenceStatus
from app.payments.status import PaymentStatus, RefundStatus
from app.shared import clock
from app.shared.history import HistoryEntry
from app.shared.money import Money
from app.shared.status import LabelEnum
from app.shop.queries import shop_zone
from app.template_filters import day, when

# Tones the shop's own macro does not need: of people, messages and papers.
_STAFF_TONES = {
    "active": "good",
    "sent": "good",
    "queued": "wait",
    "not_needed": "quiet",
    "deactivated": "danger",
    "new": "notice",
    "assigned": "wait",
    "answered": "good",
    "closed": "quiet",
    "verified": "good",
    "requested": "wait",
    "open": "wait",
    "ordered": "good",
    "repairing": "wait",
    "gone": "good",
    "noted": "quiet",
    "expired": "quiet",
}
# Enums that say what something is, not where it stands: plain words, no label.
_PLAIN_ENUMS = frozenset(
    {
        "Role",
        "TaxClass",
        "PaymentMethod",
        "BusinessKind",
        "CaptureRule",
        "HoldRule",
        "ShippingKind",
        "Kind",
        "TokenPurpose",
        "DifferenceKind",
        "Repair",
    }
)


def status_word(member: LabelEnum) -> Markup | str:
    """A status as the shop's filled label; an enum that is no status as plain words."""
    if type(member).__name__ in _PLAIN_ENUMS:
        return member.label
    macros: Any = current_app.jinja_env.get_template("_macros/ui.html").module
    if member.value in _STAFF_TONES:
        return macros.status(member.label, _STAFF_TONES[member.value])
    return macros.status_of(member)


def order_status(member: LabelEnum, words: str) -> Markup:
    """An order's status in the words for how it is paid."""
    macros: Any = current_app.jinja_env.get_template("_macros/ui.html").module
    label: Markup = macros.order_status(member, words)
    return label


def percent(rate: Decimal) -> str:
    """A share as per cent: Decimal("0.05500") → "5.5%"."""
    return f"{(rate * 100).normalize():f}%"


def masked_ein(last4: str) -> str:
    """The only form in which an EIN is ever listed."""
    return f"••-•••{last4}" if last4 else ""


def _for_people(show: Any) -> Any:
    return lambda _view, value, _name: show(value)


def _list_words(value: Any) -> str:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    return ", ".join(f"{key}: {each}" if isinstance(value, dict) else str(each) for key, each in pairs)


def short_time(moment: datetime) -> Markup:
    """For lists: "Nov 20, 8:34 AM", the year only when it is another one; the whole time is in the attribute."""
    zone = ZoneInfo(shop_zone())
    local, here = moment.astimezone(zone), clock.now().astimezone(zone)
    year = "" if local.year == here.year else f" {local.year}"
    words = f"{local:%b} {local.day}{year}, {local.hour % 12 or 12}:{local:%M %p}"
    return Markup('<time datetime="{}" class="nowrap">{}</time>').format(
        moment.isoformat(timespec="seconds"), words
    )


# Looked through in this order; a bool is an int, a datetime is a date.
FOR_PEOPLE = {
    type(None): _for_people(lambda _: ""),
    bool: _for_people(lambda value: "Yes" if value else "No"),
    Money: _for_people(str),
    LabelEnum: _for_people(status_word),
    datetime: _for_people(when),
    date: _for_people(day),
    dict: _for_people(_list_words),
    list: _for_people(_list_words),
}

IN_LISTS = {**FOR_PEOPLE, datetime: _for_people(short_time)}


def dollars(amount: Money) -> str:
    """Money as a plain figure for a file: "1234.50"."""
    sign = "-" if amount.cents < 0 else ""
    whole, cents = divmod(abs(amount.cents), 100)
    return f"{sign}{whole}.{cents:02d}"


FOR_FILES = {
    type(None): _for_people(lambda _: ""),
    bool: _for_people(lambda value: "yes" if value else "no"),
    Money: _for_people(dollars),
    LabelEnum: _for_people(lambda member: member.label),
    datetime: _for_people(lambda moment: moment.astimezone(UTC).isoformat(timespec="seconds")),
    date: _for_people(lambda value: value.isoformat()),
    dict: _for_people(_list_words),
    list: _for_people(_list_words),
}


_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_for_spreadsheets(value: Any) -> str:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; plain negative numbers stay numbers.

    Source: OWASP, "CSV Injection": = + - @ tab and carriage return start a formula, and so do the wide forms of the
    four signs where the spreadsheet is set to a language that writes them.
    """
    text = str(value)
    if not text.startswith(_FORMULA_SIGNS):
        return text
    is_number = text.startswith("-") and text[1:].replace(".", "", 1).isdigit()
    return text if is_number else f"'{text}"


@dataclass(frozen=True)
class Happening:
    """One row of a timeline, in the words of the shop's `ui.timeline`."""

    title: str
    words: str
    when_text: str
    state: str = "done"


_FAILED = frozenset(
    {
        "stopped_asking",
        "declined",
        "failed",
        "payment_failed",
        "rejected",
        "lapsed",
        "suspended",
        "deactivated",
        "deleted",
    }
)


def timeline(entries: Iterable[HistoryEntry]) -> list[Happening]:
    """History rows as a timeline: what happened, who did it, what changed."""
    return [
        Happening(
            title=event_title(entry),
            words=" · ".join(part for part in (entry.reason, changes_in_words(entry.details or {})) if part),
            when_text=f"{when(entry.at)}{', ' + entry.actor_name if entry.actor_name else ''}",
            state="failed" if entry.event in _FAILED else "done",
        )
        for entry in entries
    ]


# Whose statuses have labels; the others' events speak for themselves.
_STATUSES: dict[str, type[LabelEnum]] = {
    "order": OrderStatus,
    "payment": PaymentStatus,
    "refund": RefundStatus,
    "business": BusinessStatus,
    "message": MessageStatus,
    "difference": DifferenceStatus,
}


def event_title(entry: HistoryEntry) -> str:
    """A move as its status's label ("Payment: captured"); anything else in its own words ("Role changed")."""
    statuses = _STATUSES.get(entry.subject)
    labels = {member.value: member.label for member in statuses} if statuses else {}
    words = labels.get(entry.event) or entry.event.replace("_", " ").replace(".", " ").capitalize()
    is_money = entry.subject in {"payment", "refund"}
    return f"{entry.subject.capitalize()}: {words[0].lower()}{words[1:]}" if is_money else words


def changes_in_words(details: dict[str, Any]) -> str:
    """The old → new pairs of a history row: "price: $3.40 → $3.60; Sku HP-1204 added"."""
    said = [_change(name, pair) for name, pair in details.get("changes", {}).items()]
    for part in details.get("parts", []):
        inside = "; ".join(_change(name, pair) for name, pair in part["changes"].items())
        said.append(f"{part['row']} {part['what']}{': ' + inside if inside else ''}")
    return "; ".join(said)


def _change(name: str, pair: list[Any]) -> str:
    old, new = ("none" if value in (None, "") else value for value in pair)
    return f"{name.removesuffix('_cents').replace('_', ' ')}: {old} → {new}"
