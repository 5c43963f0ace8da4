"""From a word in the demo's data to the member of the shop's enum it stands for."""

from typing import TypeVar

from app.shared.status import LabelEnum

E = TypeVar("E", bound=LabelEnum)


def member(of: type[E], value: str) -> E:
    """The member with this stored value; StopIteration when the data names none."""
    return next(each for each in of if each.value == value)
