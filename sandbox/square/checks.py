"""The shape of what comes in: names, types and lengths, refused with Square's codes."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.clock import stamp
from sandbox.square.errors import Json, SquareError, invalid

KEY_BYTES = 45
TEXT_LENGTHS = {
    "source_id": 255,
    "reference_id": 40,
    "note": 500,
    "statement_description_identifier": 20,
    "reason": 192,
    "customer_id": 191,
    "buyer_email_address": 255,
    "order_id": 192,
    "location_id": 50,
    "payment_id": 192,
    "verification_token": 8192,
}
SHORTEST_DELAY, LONGEST_DELAY = timedelta(minutes=1), timedelta(days=7)
DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?"
)


def known_fields(body: Any, names: frozenset[str]) -> Json:
    """The body without its nulls. Raises when it is no object or has a field the call does not know."""
    if not isinstance(body, dict):
        raise invalid("EXPECTED_JSON_BODY", "The body must be a JSON object.")
    for name in body:
        if name not in names:
            raise invalid("UNKNOWN_BODY_PARAMETER", f"The field {name!r} is not known here.", name)
    return {name: value for name, value in body.items() if value is not None}


def check_texts(body: Json) -> None:
    """Every text field is text, and no longer than Square takes."""
    for name, longest in TEXT_LENGTHS.items():
        if name not in body:
            continue
        if not isinstance(body[name], str):
            raise invalid("EXPECTED_STRING", f"{name} must be text.", name)
        if len(body[name]) > longest:
            raise invalid("VALUE_TOO_LONG", f"{name} may have at most {longest} characters.", name)


def require(body: Json, *names: str) -> None:
    """Each name is there and not empty."""
    for name in names:
        if name not in body:
            raise invalid("MISSING_REQUIRED_PARAMETER", f"{name} is missing.", name)
        if body[name] == "":
            raise invalid("VALUE_EMPTY", f"{name} is empty.", name)


def take_key(body: Json) -> str:
    """The idempotency key: 1 to 45 bytes of text."""
    require(body, "idempotency_key")
    key = body["idempotency_key"]
    if not isinstance(key, str):
        raise invalid("EXPECTED_STRING", "idempotency_key must be text.", "idempotency_key")
    if len(key.encode()) > KEY_BYTES:
        raise invalid(
            "VALUE_TOO_LONG", f"idempotency_key may have at most {KEY_BYTES} bytes.", "idempotency_key"
        )
    return key


def take_amount(body: Json, currency: str) -> int:
    """`amount_money` in cents, at least one, in the seller's currency."""
    require(body, "amount_money")
    money, path = body["amount_money"], "amount_money.amount"
    if not isinstance(money, dict):
        raise invalid("EXPECTED_OBJECT", "amount_money must be an object.", "amount_money")
    amount = money.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise invalid("EXPECTED_INTEGER", "The amount must be a whole number of cents.", path)
    if amount < 1:
        raise invalid("VALUE_TOO_LOW", "The amount must be at least 1.", path)
    if money.get("currency") != currency:
        raise invalid("INVALID_VALUE", f"This account takes {currency} only.", "amount_money.currency")
    return amount


def take_flag(body: Json, name: str, default: bool) -> bool:
    """True or false, nothing else."""
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise invalid("EXPECTED_BOOLEAN", f"{name} must be true or false.", name)
    return value


def take_choice(body: Json, name: str, choices: tuple[str, ...]) -> str:
    """One of the choices; the first is the default."""
    value = body.get(name, choices[0])
    if value not in choices:
        raise invalid("INVALID_ENUM_VALUE", f"{name} must be one of {', '.join(choices)}.", name)
    return str(value)


def take_delay(body: Json, is_delayed: bool) -> timedelta:
    """How long an authorization is held: one minute to seven days, seven days unless told."""
    text = body.get("delay_duration")
    if text is None:
        return LONGEST_DELAY
    if not is_delayed:
        raise _bad_delay("delay_duration goes with autocomplete=false only.")
    match = DURATION.fullmatch(text) if isinstance(text, str) else None
    parts = {name: int(value) for name, value in match.groupdict().items() if value} if match else {}
    if not parts or any(value > 10**7 for value in parts.values()):
        raise _bad_delay("delay_duration must be a duration such as PT36H or P2DT12H.")
    delay = timedelta(**parts)
    if not SHORTEST_DELAY <= delay <= LONGEST_DELAY:
        raise _bad_delay("A card that is not present can be held from one minute to seven days.")
    return delay


def _bad_delay(detail: str) -> SquareError:
    return invalid("INVALID_VALUE", detail, "delay_duration")


def duration_text(delay: timedelta) -> str:
    """`PT168H` for seven days: hours, then minutes and seconds where there are any."""
    minutes, seconds = divmod(int(delay.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "H"), (minutes, "M"), (seconds, "S"))
    return "PT" + "".join(f"{number}{letter}" for number, letter in parts if number)


def take_moment(name: str, text: str) -> str:
    """An RFC 3339 moment, rewritten the way stored moments are, so that both compare as text."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid("INVALID_TIME", f"{name} is not an RFC 3339 time.", name) from None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
