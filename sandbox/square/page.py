"""The page for people: what Square saw."""

from typing import Any

from flask import Blueprint, Response, render_template

from sandbox.square import cards
from sandbox.square.books import PAYMENT, REFUND
from sandbox.square.errors import Json
from sandbox.square.office import office
from sandbox.square.refunds import settle_due

page = Blueprint("page", __name__)

NEWEST = 200
TONES = {"COMPLETED": "good", "APPROVED": "calm", "PENDING": "calm", "CANCELED": "quiet"}


@page.get("/")
def ledger() -> str:
    """Payments and refunds, newest first, and the test cards."""
    here = office()
    settle_due(here.books)
    payments, refunds = (here.books.store.all_as_of(kind, here.books.now()) for kind in (PAYMENT, REFUND))
    return render_template(
        "ledger.html",
        payments=[_row(payment) for payment in payments[: -NEWEST - 1 : -1]],
        refunds=[_row(refund) for refund in refunds[: -NEWEST - 1 : -1]],
        faults=here.faults.rules(),
        ahead_hours=round(here.books.clock.ahead.total_seconds() / 3600),
        captured=_total(payments, "COMPLETED"),
        held=_total(payments, "APPROVED"),
        returned=_total(refunds, "COMPLETED"),
        cards=[(card, cards.TOKEN_PREFIX + name) for name, card in cards.CARDS.items()],
        location_id=here.books.options.location_id,
    )


@page.get("/healthz")
def healthz() -> Response:
    """200 as long as the books can be read."""
    office().books.store.rows("SELECT 1")
    return Response("ok\n", mimetype="text/plain")


def money(amount: int, currency: str = "USD") -> str:
    """Cents as people read them: `$1,234.50`."""
    sign = "$" if currency == "USD" else f"{currency} "
    return f"{sign}{amount // 100:,}.{amount % 100:02d}"


def _total(records: list[Json], status: str) -> str:
    return money(sum(record["amount_money"]["amount"] for record in records if record["status"] == status))


def _card(card: Json) -> str:
    return f"{card['card_brand'].capitalize()} ···· {card['last_4']}"


def _row(record: Json) -> dict[str, Any]:
    details = record.get("card_details", {})
    errors = details.get("errors", [])
    refunded = record.get("refunded_money", {}).get("amount", 0)
    return {
        "id": record["id"],
        "short_id": record["id"][:10] if "payment_id" not in record else record["id"].split("_", 1)[1][:10],
        "payment_id": record.get("payment_id", "")[:10],
        "when": record["created_at"][:19].replace("T", " "),
        "status": record["status"].capitalize(),
        "tone": TONES.get(record["status"], "bad"),
        "reason": errors[0]["code"] if errors else record.get("reason", ""),
        "amount": money(record["amount_money"]["amount"]),
        "refunded": money(refunded) if refunded else "",
        "card": _card(details["card"]) if details else "",
        "reference": record.get("reference_id", ""),
        "note": record.get("note", ""),
        "until": record["delayed_until"][:16].replace("T", " ") if record["status"] == "APPROVED" else "",
    }
