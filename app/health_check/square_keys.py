"""Rules about Square's keys: whether they are right, for the right place, and for real money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.health_check.lines import Line, bad, good, warning
from app.payments.gateway import Place
from app.payments.places import CURRENCY, find_fault, find_place, name_places

_KEY = "Square: access token"
_PLACE = "Square: location"
_WORLD = "Square: real money"
_EVENTS = "Square: events"
_EVENTS_PATH = "/webhooks/square"
_CONSOLE = "Copy it anew from Square's developer console."
_PRODUCTION = "connect.squareup.com"
_SANDBOX = "connect.squareupsandbox.com"
_SANDBOX_APPLICATION = "sandbox-"


@dataclass(frozen=True)
class SquareKeys:
    """What is set, without the token itself."""

    base_url: str
    application_id: str
    location_id: str

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_sandbox_application(self) -> bool:
        return self.application_id.startswith(_SANDBOX_APPLICATION)


@dataclass(frozen=True)
class SquareSaid:
    """The answer to "which places are mine?": the places, or why there is none. `is_refused`: the token is not taken."""

    places: Sequence[Place] = ()
    is_refused: bool = False
    trouble: str = ""


def judge_square(keys: SquareKeys, said: SquareSaid) -> list[Line]:
    """The token, the location, and whether money moves at all."""
    lines = [judge_world(keys)]
    if said.is_refused:
        return [*lines, bad(_KEY, f"{keys.host} does not take it.", _why_refused(keys))]
    if said.trouble:
        fix = "Try again in a minute; if it stays so, see whether this machine may reach Square."
        return [*lines, warning(_KEY, f"Could not ask: {said.trouble}.", fix)]
    return [*lines, good(_KEY, "Taken."), _judge_place(keys, said.places)]


def judge_events(site_url: str, event_url: str, *, has_key: bool) -> Line:
    """Whether Square can tell the shop what happens there: a refund in its dashboard, a dispute, a payment that ended."""
    wanted = f"{site_url}{_EVENTS_PATH}"
    missing = [
        name
        for name, is_set in (
            ("SQUARE_WEBHOOK_SIGNATURE_KEY", has_key),
            ("SQUARE_WEBHOOK_URL", bool(event_url)),
        )
        if not is_set
    ]
    if missing:
        return warning(
            _EVENTS,
            f"Its news are not taken, for {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set: what "
            "is done in Square's dashboard is found late or not at all.",
            f"In Square's developer console, under Webhooks, add a subscription for {wanted}; copy its signature key to "
            "SQUARE_WEBHOOK_SIGNATURE_KEY and that address to SQUARE_WEBHOOK_URL.",
        )
    if event_url != wanted:
        return warning(
            _EVENTS,
            f"They are expected at {event_url}, but the shop takes them at {wanted}.",
            "If a proxy leads from there to here, all is well. Else write the shop's own into SQUARE_WEBHOOK_URL and at "
            "Square, letter for letter.",
        )
    return good(_EVENTS, f"Signed, and taken at {event_url}.")


def judge_world(keys: SquareKeys) -> Line:
    """Sandbox, production or a stand-in; and whether the application is of the same world."""
    if keys.host not in {_PRODUCTION, _SANDBOX}:
        return warning(_WORLD, f"Payments go to {keys.host}, which is not Square: no money moves.", _GO_LIVE)
    is_sandbox = keys.host == _SANDBOX
    if keys.application_id and keys.is_sandbox_application != is_sandbox:
        world, other = ("sandbox", "production") if is_sandbox else ("production", "sandbox")
        return bad(
            _WORLD,
            f"Payments go to Square's {world}, but SQUARE_APPLICATION_ID is one of its {other}.",
            f"Copy application, token and location from the same tab ({world}) of Square's console.",
        )
    if is_sandbox:
        return warning(_WORLD, "Square's sandbox: test cards only, no money moves.", _GO_LIVE)
    if not keys.application_id:
        return bad(_WORLD, "SQUARE_APPLICATION_ID is missing: the card form cannot open.", _CONSOLE)
    return good(_WORLD, "Square's own servers: real cards are charged.")


_GO_LIVE = "When you open: take SQUARE_BASE_URL out and copy the production keys."


def _why_refused(keys: SquareKeys) -> str:
    if keys.host == _PRODUCTION and keys.is_sandbox_application:
        return "The keys look like sandbox ones: copy those of the production tab, or set SQUARE_BASE_URL to the sandbox."
    other = "sandbox" if keys.host == _PRODUCTION else "production"
    return f"{_CONSOLE} Mind the tab: a token of the {other} is not taken here."


def _judge_place(keys: SquareKeys, places: Sequence[Place]) -> Line:
    found = find_place(places, keys.location_id)
    if found is None:
        return bad(
            _PLACE,
            "SQUARE_LOCATION_ID is none of this account's.",
            f"Set SQUARE_LOCATION_ID to one of these: {name_places(places)}.",
        )
    if fault := find_fault(found):
        return bad(_PLACE, fault.why, fault.fix)
    return good(_PLACE, f"{found.name}, in {CURRENCY}.")
