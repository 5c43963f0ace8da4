"""Filters of lists. Each is one labelled field in the list's filter form and one removable chip above the table."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_admin.contrib.sqla.filters import BaseSQLAFilter
from sqlalchemy.orm import Query

from admin.fields import member_of
from app.shared.status import LabelEnum
from app.shop.queries import shop_zone

_LONGEST_TEXT = 200
# Nothing happened in the shop outside these, and the calendar's own ends have no day before or after.
_EARLIEST, _LATEST = date(1970, 1, 1), date(2199, 12, 31)


class ChoiceFilter(BaseSQLAFilter):
    """One member of an enum."""

    def __init__(self, column: Any, name: str, members: type[LabelEnum]):
        super().__init__(column, name, options=members.choices())
        self.members = members

    def operation(self) -> str:
        return "is"

    def validate(self, value: str) -> bool:
        return not value or value in {member.value for member in self.members}

    def apply(self, query: Query[Any], value: str, alias: Any = None) -> Query[Any]:
        return query.filter(self.get_column(alias) == member_of(self.members, value)) if value else query


class YesNoFilter(BaseSQLAFilter):
    def __init__(self, column: Any, name: str):
        super().__init__(column, name, options=[("yes", "Yes"), ("no", "No")])

    def operation(self) -> str:
        return "is"

    def validate(self, value: str) -> bool:
        return value in {"", "yes", "no"}

    def apply(self, query: Query[Any], value: str, alias: Any = None) -> Query[Any]:
        return query.filter(self.get_column(alias).is_(value == "yes")) if value else query


class TextFilter(BaseSQLAFilter):
    """The column holds these letters, case aside."""

    def operation(self) -> str:
        return "contains"

    def validate(self, value: str) -> bool:
        return len(value) <= _LONGEST_TEXT

    def apply(self, query: Query[Any], value: str, alias: Any = None) -> Query[Any]:
        return query.filter(self.get_column(alias).icontains(value, autoescape=True)) if value else query


class RowFilter(BaseSQLAFilter):
    """A foreign key; `choices` gives (id, name) pairs when the page is shown."""

    def __init__(self, column: Any, name: str, choices: Any):
        super().__init__(column, name)
        self.choices = choices

    def get_options(self, view: Any) -> list[tuple[str, str]]:
        return []

    def current_options(self) -> list[tuple[str, str]]:
        return [(str(key), name) for key, name in self.choices()]

    def operation(self) -> str:
        return "is"

    def validate(self, value: str) -> bool:
        return not value or (value.isascii() and value.isdigit() and len(value) < 19)

    def apply(self, query: Query[Any], value: str, alias: Any = None) -> Query[Any]:
        return query.filter(self.get_column(alias) == int(value)) if value else query


class _DayFilter(BaseSQLAFilter):
    def __init__(self, column: Any, name: str):
        super().__init__(column, name, data_type="date")

    def validate(self, value: str) -> bool:
        if not value:
            return True
        try:
            return _EARLIEST <= date.fromisoformat(value) <= _LATEST
        except ValueError:
            return False

    @staticmethod
    def midnight(value: str, days_later: int = 0) -> datetime:
        """The start of a day as the shop's clocks show it."""
        day = date.fromisoformat(value) + timedelta(days=days_later)
        return datetime.combine(day, time(), tzinfo=ZoneInfo(shop_zone()))


class SinceFilter(_DayFilter):
    def operation(self) -> str:
        return "from"

    def apply(self, query: Query[Any], value: str, alias: Any = None) -> Query[Any]:
        return query.filter(self.get_column(alias) >= self.midnight(value)) if value else query


class UntilFilter(_DayFilter):
    """The named day still counts."""

    def operation(self) -> str:
        return "until"

    def apply(self, query: Query[Any], value: str, alias: Any = None) -> Query[Any]:
        return query.filter(self.get_column(alias) < self.midnight(value, 1)) if value else query
