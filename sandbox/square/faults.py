"""Faults to order: which call goes wrong, when, how, and how often."""

import itertools
import random
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from flask import Response, jsonify, request

from sandbox.background_server import mark_for_reset
from sandbox.square.errors import Json, SquareError, invalid

CALLS = (
    "payments.create", "payments.get", "payments.list", "payments.update", "payments.complete",
    "payments.cancel", "payments.cancel_by_idempotency_key", "refunds.create", "refunds.get", "refunds.list",
    "locations.get", "locations.list",
)  # fmt: skip
KINDS = ("latency", "reset", "no_answer", "500", "503", "429", "error", "decline")
MOMENTS = ("before", "after")
LARGEST_NUMBER = 86400
FIELD_TYPES: dict[str, Any] = dict.fromkeys(
    ("count", "skip", "seed", "retry_after", "status"), int
) | dict.fromkeys(("probability", "seconds"), (int, float))


@dataclass
class Fault:
    """One rule. `call` may hold a `*`; no `count` means until removed; `skip` lets that many pass.

    `seconds` is the length of latency or of the silence of no_answer; `retry_after` goes with 429; `status`,
    `category`, `code` make the answer of `error`; `code` is also the reason of a `decline`, which only
    payments.create can meet.
    """

    call: str
    kind: str
    moment: str = "before"
    count: int | None = None
    skip: int = 0
    probability: float = 1
    seed: int = 0
    seconds: float = 1
    retry_after: int = 1
    status: int = 400
    category: str = "API_ERROR"
    code: str = "GENERIC_DECLINE"
    id: int = 0
    fired: int = 0
    dice: random.Random = field(default_factory=random.Random, repr=False)

    def to_json(self) -> Json:
        """The rule and how often it has fired."""
        return {name: value for name, value in asdict(self).items() if name != "dice"}

    def is_hit(self) -> bool:
        """Whether this call is one that goes wrong; counts down and throws the dice."""
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.count is not None and self.fired >= self.count:
            return False
        # The dice only decide when something may go wrong, so a seeded run repeats exactly.
        if self.dice.random() >= self.probability:
            return False
        self.fired += 1
        return True


def read_fault(given: Any) -> Fault:
    """A rule from the control API's JSON. Raises SquareError naming what is wrong with it."""
    allowed = {name for name in Fault.__dataclass_fields__ if name not in ("id", "fired", "dice")}
    if not isinstance(given, dict) or not given.keys() <= allowed:
        raise invalid("BAD_REQUEST", f"A fault is an object with some of: {', '.join(sorted(allowed))}.")
    for name, value in given.items():
        if not isinstance(value, FIELD_TYPES.get(name, str)) or isinstance(value, bool):
            raise invalid("INCORRECT_TYPE", f"{name} has the wrong type.", name)
        if name != "seed" and isinstance(value, (int, float)) and not 0 <= value <= LARGEST_NUMBER:
            raise invalid("INVALID_VALUE", f"{name} lies between 0 and {LARGEST_NUMBER}.", name)
    if not {"call", "kind"} <= given.keys():
        raise invalid("MISSING_REQUIRED_PARAMETER", "A fault needs a call and a kind.")
    fault = Fault(**given)
    if fault.kind not in KINDS or fault.moment not in MOMENTS:
        raise invalid("INVALID_ENUM_VALUE", f"kind is one of {', '.join(KINDS)}; moment is before or after.")
    if not any(fnmatchcase(call, fault.call) for call in CALLS):
        raise invalid("INVALID_ENUM_VALUE", f"No call fits; there are: {', '.join(CALLS)}.", "call")
    if fault.kind == "decline" and fault.call != "payments.create":
        raise invalid("INVALID_VALUE", "Only payments.create can be declined.", "kind")
    fault.dice.seed(fault.seed)
    return fault


class Faults:
    """The rules in force. The first rule that hits decides; one call meets one fault at most."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self._rules: list[Fault] = []
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Put a rule in force; it gets its number here."""
        with self._lock:
            fault.id = next(self._numbers)
            self._rules.append(fault)
        return fault

    def clear(self, number: int | None = None) -> None:
        """Remove one rule, or all."""
        with self._lock:
            self._rules = [] if number is None else [rule for rule in self._rules if rule.id != number]

    def rules(self) -> list[Fault]:
        """Every rule in force, oldest first."""
        with self._lock:
            return list(self._rules)

    def take(self, call: str) -> Fault | None:
        """The fault this call meets, if any."""
        with self._lock:
            return next(
                (rule for rule in self._rules if fnmatchcase(call, rule.call) and rule.is_hit()), None
            )

    def strike(self, fault: Fault) -> Response | None:
        """Let it happen to this request. Returns the answer in place of the right one, None to go on."""
        if fault.kind == "latency":
            self.stopping.wait(fault.seconds)
            return None
        if fault.kind == "reset":
            mark_for_reset(request.environ["werkzeug.socket"])
            return _cut_off()
        if fault.kind == "no_answer":
            return _cut_off(self.stopping, fault.seconds)
        if fault.kind == "error":
            return _refusal(
                SquareError(fault.category, fault.code, "A fault made to order.", status=fault.status)
            )
        if fault.kind == "429":
            answer = _refusal(SquareError("RATE_LIMIT_ERROR", "RATE_LIMITED", "Too many calls.", status=429))
            answer.headers["Retry-After"] = str(fault.retry_after)
            return answer
        code = "INTERNAL_SERVER_ERROR" if fault.kind == "500" else "SERVICE_UNAVAILABLE"
        return _refusal(SquareError("API_ERROR", code, "A fault made to order.", status=int(fault.kind)))


def _refusal(error: SquareError) -> Response:
    answer = jsonify(error.to_body())
    answer.status_code = error.status
    return answer


def _cut_off(silence: threading.Event | None = None, seconds: float = 0) -> Response:
    """An answer that never comes: the server drops a connection whose body ends in a ConnectionError."""

    def drop() -> Iterator[bytes]:
        if silence is not None:
            silence.wait(seconds)
        yield from _Broken()

    return Response(drop())


class _Broken(Iterator[bytes]):
    def __next__(self) -> bytes:
        raise ConnectionAbortedError
