"""Ask Square for the seller's places with the keys that were typed, through the shop's own gateway."""

from __future__ import annotations

from pathlib import Path

from app.first_run.draft import Draft
from app.first_run.forms import TRIAL
from app.first_run.outcome import Outcome, bad, good
from app.first_run.planned import open_shop_of
from app.first_run.try_mail import settings_for_trial
from app.payments.gateway import KeysRefused, OutcomeUnknown, Place, ProviderDown
from app.payments.places import find_fault, find_place, name_places
from app.payments.providers import list_places


def try_square(draft: Draft, instance: Path) -> Outcome:
    """Token known, location the account's own, in dollars, and able to take cards."""
    answers = draft.step("cards")
    is_trial = answers.get("mode") == TRIAL
    with open_shop_of(settings_for_trial(draft, instance)) as shop:
        try:
            places = list_places(shop.extensions["settings"]).places
        except KeysRefused:
            return bad(_keys_refused(is_trial=is_trial))
        except ProviderDown as down:
            return bad(
                f"Square did not answer ({down.cause}). Try again in a minute; if it stays so, ask your host whether "
                "programs may reach other servers."
            )
        except OutcomeUnknown as error:
            return bad(f"{error.cause}. Copy the three values again from Square's console.")
    return _judge(places, answers["location_id"], is_trial=is_trial)


def _judge(places: tuple[Place, ...], location_id: str, *, is_trial: bool) -> Outcome:
    place = find_place(places, location_id)
    if place is None:
        return bad(
            f"The access token is right, but the account has no location {location_id}. Those it has: "
            f"{name_places(places)}."
        )
    if fault := find_fault(place):
        return bad(f"{fault.why} {fault.fix}")
    kind = "sandbox account, so no card is charged" if is_trial else "live account"
    return good(f"Connected to {place.name} ({kind}).")


def _keys_refused(*, is_trial: bool) -> str:
    tab = "Sandbox" if is_trial else "Production"
    return f'Square does not take this access token. Copy it again, whole, from the "{tab}" tab of Square\'s console.'
