"""Lists: filtered, sorted, in pages, and some seconds behind the truth."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta

from sandbox.clock import stamp
from sandbox.square.books import PAYMENT, Answer, Books
from sandbox.square.checks import take_moment
from sandbox.square.errors import Json, invalid

LONGEST_PAGE = 100
WINDOWS = (
    ("begin_time", "end_time", "created_at"),
    ("updated_at_begin_time", "updated_at_end_time", "updated_at"),
)
COMMON = {name for window in WINDOWS for name in window[:2]} | {
    "sort_order", "sort_field", "cursor", "limit", "location_id",
}  # fmt: skip
QUESTIONS = {
    PAYMENT: COMMON | {"total", "last_4", "card_brand", "is_offline_payment"},
    "refund": COMMON | {"status", "source_type"},
}


def list_records(books: Books, kind: str, asked: Mapping[str, str]) -> Answer:
    """One page of payments or refunds: `{payments|refunds: […], cursor?}`, newest first unless told.

    Filters by moment (created, updated, both ends included), location, total, last_4, card_brand, status.
    """
    for name in asked:
        if name not in QUESTIONS[kind]:
            raise invalid("UNKNOWN_QUERY_PARAMETER", f"The parameter {name!r} is not known here.", name)
    found = [body for body in _seen(books, kind, asked) if _fits(books, kind, body, asked)]
    ordered = _in_order(found, asked)
    size, start = _page_size(asked), _after_cursor(kind, ordered, asked)
    page = ordered[start : start + size]
    answer: Json = {f"{kind}s": page} if page else {}
    if start + size < len(ordered):
        answer["cursor"] = _cursor(kind, asked, page[-1]["id"])
    return Answer(200, answer)


def _seen(books: Books, kind: str, asked: Mapping[str, str]) -> list[Json]:
    """What is in no window need not be read: nothing was written before it was created."""
    begins = [take_moment(begin, asked[begin]) for begin, _, _ in WINDOWS if begin in asked]
    return books.store.all_as_of(kind, books.after(-books.options.list_lag_seconds), max(begins, default=""))


def _fits(books: Books, kind: str, body: Json, asked: Mapping[str, str]) -> bool:
    if not all(_within(books, body, asked, *window) for window in WINDOWS):
        return False
    # Payments default to the main location, refunds to all; with one location it is the same.
    if asked.get("location_id", books.options.location_id) != body["location_id"]:
        return False
    card = body.get("card_details", {}).get("card", {})
    facts = {
        "total": str(body.get("total_money", {}).get("amount")),
        "last_4": card.get("last_4"),
        "card_brand": card.get("card_brand"),
        "status": body["status"],
        "source_type": "CARD",
        "is_offline_payment": "false",
    }
    return all(asked.get(name, fact) == fact for name, fact in facts.items())


def _within(books: Books, body: Json, asked: Mapping[str, str], begin: str, end: str, fact: str) -> bool:
    if begin in asked:
        earliest = take_moment(begin, asked[begin])
    else:
        earliest = stamp(books.clock.now() - timedelta(days=365))
    return body[fact] >= earliest and (end not in asked or body[fact] <= take_moment(end, asked[end]))


def _in_order(found: list[Json], asked: Mapping[str, str]) -> list[Json]:
    order, by = asked.get("sort_order", "DESC"), asked.get("sort_field", "CREATED_AT")
    if order not in ("ASC", "DESC"):
        raise invalid("INVALID_SORT_ORDER", "sort_order must be ASC or DESC.", "sort_order")
    if by not in ("CREATED_AT", "UPDATED_AT"):
        raise invalid("INVALID_ENUM_VALUE", "sort_field must be CREATED_AT or UPDATED_AT.", "sort_field")
    ascending = sorted(found, key=lambda body: str(body[by.lower()]))
    return ascending if order == "ASC" else ascending[::-1]


def _page_size(asked: Mapping[str, str]) -> int:
    text = asked.get("limit", str(LONGEST_PAGE))
    if not text.isdecimal():
        raise invalid("EXPECTED_INTEGER", "limit must be a whole number.", "limit")
    size = int(text)
    return size if 1 <= size <= LONGEST_PAGE else LONGEST_PAGE


def _question(kind: str, asked: Mapping[str, str]) -> str:
    rest = sorted((name, value) for name, value in asked.items() if name not in ("cursor", "limit"))
    return hashlib.sha256(json.dumps([kind, rest]).encode()).hexdigest()[:16]


def _cursor(kind: str, asked: Mapping[str, str], last_id: str) -> str:
    return base64.urlsafe_b64encode(f"{_question(kind, asked)} {last_id}".encode()).decode()


def _after_cursor(kind: str, ordered: list[Json], asked: Mapping[str, str]) -> int:
    if not asked.get("cursor"):
        return 0
    try:
        question, last_id = base64.urlsafe_b64decode(asked["cursor"]).decode().split(" ")
    except (ValueError, binascii.Error):
        question, last_id = "", ""
    places = [place for place, body in enumerate(ordered) if body["id"] == last_id]
    if question != _question(kind, asked) or not places:
        raise invalid("INVALID_CURSOR", "This cursor does not belong to this list.", "cursor")
    return places[0] + 1
