"""Whether money can be taken at one of the seller's places: a rule for set-up and for `flask check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.payments.gateway import Place

CURRENCY = "USD"
_MOST_NAMED = 5


@dataclass(frozen=True)
class PlaceFault:
    """Why not, and what to do, a sentence each."""

    why: str
    fix: str


def find_place(places: Sequence[Place], location_id: str) -> Place | None:
    """The place of that id, None when the account has none."""
    return next((each for each in places if each.id == location_id), None)


def name_places(places: Sequence[Place]) -> str:
    """A few of them with their ids, to choose from."""
    return ", ".join(f"{each.id} ({each.name})" for each in places[:_MOST_NAMED]) or "none yet"


def find_fault(place: Place) -> PlaceFault | None:
    """None for a place that is switched on, sells in dollars and may take cards."""
    if not place.is_active:
        return PlaceFault(
            f"{place.name} is switched off at Square.", "Switch it on there, or choose another one."
        )
    if place.currency != CURRENCY:
        return PlaceFault(
            f"{place.name} sells in {place.currency}, the shop in {CURRENCY}.",
            "Choose a location in the USA.",
        )
    if not place.takes_cards:
        return PlaceFault(
            f"{place.name} may not take cards yet.",
            "Finish setting up payments at Square: it asks for a bank account.",
        )
    return None
