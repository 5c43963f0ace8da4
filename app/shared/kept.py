"""Answers kept for a while in the shop's cache, under the stamp of what they are made of.

Only what is the same for everybody who asks the same: never anything of one person or one business.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

from flask import current_app

from app.extensions import cache
from app.shared.stamps import Stamp, find_stamp

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")

# Changes made past the shop, with a database client, show after this long; all others at once.
SECONDS = 600
# The name in app.extensions of a function (kind of answer, how many were there, how many were not) that hears of every look.
LISTENER = "kept_listener"


def keep(kind: str, key: str, stamps: Sequence[Stamp], make: Callable[[], T]) -> T:
    """What is kept under the key, or else what `make` gives, kept from now on. None is not kept."""
    stamp = find_stamp(stamps)
    if stamp is None:
        return make()
    address = f"{kind}:{stamp}:{key}"
    kept: T | None = cache.get(address)
    _tell(kind, kept is not None, 1)
    if kept is not None:
        return kept
    made = make()
    if made is not None:
        cache.set(address, made, timeout=SECONDS)
    return made


def keep_each(
    kind: str,
    key: str,
    wanted: Sequence[K],
    stamps: Sequence[Stamp],
    make: Callable[[list[K]], Mapping[K, T]],
) -> dict[K, T]:
    """One answer for each thing wanted; `make` is asked once, for those that are not kept. What it leaves out is left out."""
    stamp = find_stamp(stamps) if wanted else None
    if stamp is None:
        return dict(make(list(wanted))) if wanted else {}
    addresses = {each: f"{kind}:{stamp}:{key}:{each}" for each in wanted}
    values: list[T | None] = cache.get_many(*addresses.values())
    found = {each: value for each, value in zip(addresses, values, strict=True) if value is not None}
    missing = [each for each in addresses if each not in found]
    _tell(kind, True, len(found))
    _tell(kind, False, len(missing))
    if missing:
        made = make(missing)
        cache.set_many({addresses[each]: value for each, value in made.items()}, timeout=SECONDS)
        found |= made
    return found


def _tell(kind: str, was_there: bool, how_many: int) -> None:
    """Whoever counts hits and misses (app/metrics) has left a listener."""
    listener = current_app.extensions.get(LISTENER)
    if listener is not None and how_many:
        listener(kind, was_there, how_many)
