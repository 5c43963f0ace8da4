"""What the tour reads outside the shop: the mailbox of the sandbox, and the ledger of its Square look-alike."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from sandbox.touring.patient import reload
from sandbox.touring.trouble import TourFailed

T = TypeVar("T")

_EVERY_SECONDS = 0.3


def wait_until(find: Callable[[], T | None], what: str, seconds: float, seen: Callable[[], str]) -> T:
    """Ask again and again until there is something; TourFailed with what was there instead."""
    deadline = time.monotonic() + seconds
    while (found := find()) is None:
        if time.monotonic() > deadline:
            raise TourFailed(f"{what} within {seconds:.0f} seconds", seen())
        time.sleep(_EVERY_SECONDS)
    return found


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    html: str

    def link(self, path: str) -> str:
        """The address in the text whose path begins so."""
        found = re.search(rf"https?://\S+?{re.escape(path)}[^\s<>\"]*", self.text)
        if found is None:
            raise TourFailed(f"a link to {path}… in the mail {self.subject!r}", self.text)
        return found.group()


class Mailbox:
    """The catcher's JSON. A mail counts once: what was read before the tour or earlier in it is old."""

    def __init__(self, url: str, patience: float):
        self._url = url
        self._patience = patience
        self._read = {each["id"] for each in self._all()}

    def wait_for(self, to: str, subject: str) -> Mail:
        """The first new mail to that address with these words in its subject."""

        def find() -> dict[str, Any] | None:
            new = [each for each in self._all(to) if each["id"] not in self._read]
            return next((each for each in reversed(new) if subject in each["subject"]), None)

        found = wait_until(find, f"a mail to {to} about {subject!r}", self._patience, lambda: self._seen(to))
        self._read.add(found["id"])
        if not found["html"].strip():
            raise TourFailed(f"text and HTML in the mail {found['subject']!r}", "no HTML part")
        return Mail(found["subject"], found["text"], found["html"])

    def _all(self, to: str = "") -> list[dict[str, Any]]:
        answer = reload(
            lambda: httpx.get(f"{self._url}/api/messages", params={"to": to} if to else {}, timeout=10)
        )
        found: list[dict[str, Any]] = answer.raise_for_status().json()
        return found

    def _seen(self, to: str) -> str:
        subjects = [each["subject"] for each in self._all(to)]
        return f"mails to that address: {subjects or 'none'} (is a worker running?)"


class Ledger:
    """What the look-alike did, as Square's own books would show it."""

    def __init__(self, url: str, patience: float):
        self._url = url
        self._patience = patience

    def payments_of(self, order: str) -> list[dict[str, Any]]:
        """Every payment the shop asked for on this order, oldest first."""
        return _of_order(self._read(), order)

    def wait_for_money_back(self, order: str) -> str:
        """ "voided" once the last payment is canceled, "refunded" once refunds of the whole are through."""

        def find() -> str | None:
            books = self._read()
            payment = (_of_order(books, order) or [{"status": "", "id": ""}])[-1]
            if payment["status"] == "CANCELED":
                return "voided"
            given = [each for each in books["refunds"] if each["payment_id"] == payment["id"]]
            done = sum(each["amount_money"]["amount"] for each in given if each["status"] == "COMPLETED")
            return "refunded" if done and done == payment["amount_money"]["amount"] else None

        seen = lambda: f"payments {self.payments_of(order)}"  # noqa: E731
        return wait_until(find, f"order {order} voided or refunded on the ledger", self._patience, seen)

    def _read(self) -> dict[str, Any]:
        found: dict[str, Any] = (
            reload(lambda: httpx.get(f"{self._url}/_control/ledger", timeout=10)).raise_for_status().json()
        )
        return found


def _of_order(books: dict[str, Any], order: str) -> list[dict[str, Any]]:
    """The shop names the order in the payment's note; its reference is the payment's own key."""
    return [each for each in books["payments"] if order in str(each.get("note", "")).split()]
