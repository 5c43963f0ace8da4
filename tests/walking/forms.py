"""Every form the pages show, filled in as a person would, so that a suite can spoil one field at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import current_app

from app.contact.form_age import sign_opening
from app.shared import clock
from tests.client import ShopClient
from tests.factories import PASSWORD

_FORM = re.compile(r'<form\b[^>]*method="post".*?</form>', re.DOTALL)
_TOKEN = re.compile(r'name="csrf_token"[^>]*>')
# Ends the session or the walk; both have tests of their own.
_NOT_SENT = ("/logout", "/account/security/sign-out-everywhere", "/account/security/sessions/")
_BY_NAME = {
    "email": "new.person@example.com",
    "password": PASSWORD,
    "current": PASSWORD,
    "new": "another horse battery staple",
    "ein": "12-3456789",
    "state": "CA",
    "postal_code": "94110",
    "phone": "(415) 555-0123",
    "website": "https://shop.example",
    "quantity": "12",
    "source_token": "cnon:card-nonce-ok",
    "certificate_number": "SR-1",
    "certificate_state": "CA",
    "issued_on": "2026-01-10",
    "expires_on": "2028-01-10",
}
_BY_TYPE = {"email": "new.person@example.com", "date": "2026-10-01", "number": "1", "tel": "4155550123"}


@dataclass(frozen=True)
class Form:
    """One form: who sees it, where it goes, and its fields with what they hold, repeated ones repeated."""

    who: str
    action: str
    fields: tuple[tuple[str, str], ...]
    buttons: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[str, str, tuple[str, ...]]:
        """What makes it another form than the next: rows of a list have the same form many times."""
        path = re.sub(r"/\d+", "/0", urlsplit(self.action).path)
        return self.who, path, tuple(dict.fromkeys(name for name, _ in self.fields))

    def __str__(self) -> str:
        return f"{self.action} of {self.who}"


def find_forms(who: str, browser: ShopClient, addresses: Iterable[str]) -> list[Form]:
    """The forms that change something on these pages, each kind once."""
    found: dict[object, Form] = {}
    seen: set[str] = set()
    for address in dict.fromkeys(addresses):
        answer = browser.get(address)
        text = answer.get_data(as_text=True) if answer.mimetype == "text/html" else ""
        answer.close()
        for part in _FORM.findall(text):
            # Rows of a list repeat a form with other numbers in it; reading each of them takes long.
            kind = _TOKEN.sub("", re.sub(r"\d+", "0", part))
            if kind not in seen:
                seen.add(kind)
                [element] = BeautifulSoup(part, "lxml").select("form")
                form = _read(who, element, text, address)
                if not form.action.startswith(_NOT_SENT):
                    found.setdefault(form.shape, form)
    return list(found.values())


def _read(who: str, element: Tag, page: str, here: str) -> Form:
    for pattern in element.select("template"):
        pattern.decompose()
    inside = element.select("input[name], select[name], textarea[name], button[name]")
    if element.get("id") and f'form="{element["id"]}"' in page:
        inside += BeautifulSoup(page, "lxml").select(f"[form='{element['id']}'][name]")
    fields: list[tuple[str, str]] = []
    for each in inside:
        name, kind = str(each["name"]), each.get("type")
        is_second_radio = kind == "radio" and name in dict(fields)
        if each.name != "button" and kind != "file" and name != "csrf_token" and not is_second_radio:
            fields.append((name, _value(each)))
    return Form(
        who,
        action=urljoin(here, str(element.get("action") or here)),
        fields=tuple(fields),
        buttons=tuple(
            (str(each["name"]), str(each.get("value", ""))) for each in inside if each.name == "button"
        ),
        files=tuple(str(each["name"]) for each in inside if each.get("type") == "file"),
    )


def _value(field: Tag) -> str:
    """What stands in the field, else something a person might enter there."""
    name = str(field["name"]).rpartition("-")[2]
    if name == "opened":
        return sign_opening(clock.now() - timedelta(minutes=1), current_app.extensions["settings"].secret_key)
    if field.name == "select":
        options = [str(option.get("value", option.get_text())) for option in field.select("option")]
        return _BY_NAME.get(name, options[-1] if options else "")
    held = field.get_text().removeprefix("\n") if field.name == "textarea" else str(field.get("value", ""))
    if name == "fax" or field.get("type") == "hidden":  # people leave both as they are
        return held
    return held or _BY_NAME.get(name) or _BY_TYPE.get(str(field.get("type")), "Some words")


def desk_addresses(browser: ShopClient, indexes: Iterable[str]) -> Iterator[str]:
    """The lists of the back office, and of each list its first row's page and form."""
    for index in indexes:
        yield index
        for address in _first_links(browser, index):
            yield address
            yield from _first_links(browser, address)


def _first_links(browser: ShopClient, address: str) -> Iterator[str]:
    text = browser.get(address).get_data(as_text=True)
    view = re.escape(urlsplit(address).path.split("/details")[0].split("/new")[0].rstrip("/"))
    for pattern in (
        rf'href="({view}/details/[^"]*)"',
        rf'href="({view}/edit/[^"]*)"',
        rf'href="({view}/\d+)"',
    ):
        if link := re.search(pattern, text):
            yield link.group(1).replace("&amp;", "&")
