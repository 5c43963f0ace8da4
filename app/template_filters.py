"""How values look to people, in one place: US formats, the shop's own zone."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import phonenumbers
from flask import Flask

from app.shared.money import Money
from app.shop.queries import shop_zone


def money(amount: Money) -> str:
    """Money → "$1,234.50"."""
    return str(amount)


def when(moment: datetime, zone: str | None = None) -> str:
    """An aware time → "Nov 20, 2026, 3:04 PM EST", in the shop's zone."""
    local = moment.astimezone(ZoneInfo(zone or shop_zone()))
    return f"{local:%b} {local.day}, {local.year}, {local.hour % 12 or 12}:{local:%M %p %Z}"


def day(value: date | datetime) -> str:
    """A date, or a time's date in the shop's zone → "Nov 20, 2026"."""
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(shop_zone())).date()
    return f"{value:%b} {value.day}, {value.year}"


def count(number: int, noun: str, plural: str = "") -> str:
    """3, "case" → "3 cases"; 1 → "1 case"."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def phone(number: str) -> str:
    """E.164 → "(207) 555-0142"; anything else stays as it is."""
    try:
        parsed = phonenumbers.parse(number, "US")
    except phonenumbers.NumberParseException:
        return number
    if parsed.country_code != 1:
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)


def init_template_filters(app: Flask) -> None:
    for each in (money, when, day, count, phone):
        app.add_template_filter(each)
