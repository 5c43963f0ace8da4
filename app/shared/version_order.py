"""Which of two versions is newer."""

from __future__ import annotations

import re


def is_newer(version: str, than: str) -> bool:
    """Whether one version comes after another, number by number: 0.10 after 0.9, 1.0.1 after 1.0."""
    return _numbers(version) > _numbers(than)


def _numbers(version: str) -> tuple[int, ...]:
    found = [int(number) for number in re.findall(r"\d+", version.partition("+")[0])]
    while found and not found[-1]:
        found.pop()  # 1.0 is 1.0.0
    return tuple(found)
