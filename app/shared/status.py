"""Statuses are enums with labels, their allowed moves plain data, and only move_to() changes one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TypeVar

from app.shared.errors import Conflict


class LabelEnum(Enum):
    """An enum whose members carry the stored value and the words a person reads: `PAID = "paid", "Paid"`."""

    label: str

    def __new__(cls, value: str, label: str) -> LabelEnum:
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(value, label) pairs in the order they were written, for select fields."""
        return [(member.value, member.label) for member in cls]


S = TypeVar("S", bound=LabelEnum)


def check_move(moves: Mapping[S, frozenset[S]], before: S, after: S) -> None:
    """Raise Conflict when `before → after` is not among the allowed moves."""
    if after not in moves.get(before, frozenset()):
        raise Conflict(f"This is {before.label.lower()} now, so it cannot become {after.label.lower()}.")
