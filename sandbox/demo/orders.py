"""The demo shop's orders, read from orders.toml: who bought what, when, and how it went on."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

STATUSES = (
    "pending",
    "payment_pending",
    "payment_failed",
    "paid",
    "processing",
    "shipped",
    "delivered",
    "returned",
    "cancelled",
)
OUTCOMES = {"payment_failed": ("declined", "lapsed"), "cancelled": ("voided", "refunded", "abandoned")}


@dataclass(frozen=True)
class DemoOrder:
    """`lines` maps sku codes to pieces; `outcome` is one of OUTCOMES for a failed or cancelled order.

    `payment` is the way to pay: a card ("square"), "terms" or "on_pickup"; `received` says what came in for a promise by
    now: nothing, "half" or "all".
    """

    buyer: str
    status: str
    hours_ago: int
    shipping: str
    lines: dict[str, int]
    outcome: str = ""
    po_number: str = ""
    note: str = ""
    payment: str = "square"
    received: str = ""


@lru_cache(maxsize=1)
def load_orders() -> tuple[DemoOrder, ...]:
    """All forty, the oldest first."""
    text = Path(__file__).with_name("orders.toml").read_text(encoding="utf-8")
    return tuple(DemoOrder(**entry) for entry in tomllib.loads(text)["order"])
