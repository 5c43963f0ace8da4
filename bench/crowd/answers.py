"""What a buyer makes of an answer. Nothing of the shop is imported: the buyers are no part of it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)(?:="([^"]*)")?')


def judge(kind: str, answer: Any) -> str:
    """Sent away: 503 that says when to come again. Refused: the shop says no to what was asked, in words."""
    status = int(answer.status_code)
    if status == 503 and answer.headers and answer.headers.get("Retry-After"):
        return "sent away"
    if 200 <= status < 400:
        return "ok"
    return "refused" if kind == "placing" and status == 422 else "error"


def retry_after(answer: Any) -> float:
    given = (answer.headers or {}).get("Retry-After")
    return float(given) if given else 5.0


def standing(page: str, form: str) -> dict[str, str]:
    """What a form would send untouched: hidden fields, ticked choices, prefilled texts."""
    start = page.find(f'id="{form}"')
    values: dict[str, str] = {}
    for tag in _INPUT.findall(page[start : page.find("</form>", start)]):
        given = dict(_ATTRIBUTE.findall(tag))
        kind = given.get("type", "text")
        is_sent = kind == "hidden" or "checked" in given or (kind == "text" and given.get("value"))
        if is_sent and given.get("name"):
            values[unescape(given["name"])] = unescape(given.get("value", ""))
    return values
