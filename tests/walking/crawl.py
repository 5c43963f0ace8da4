"""A walk over pages: what an answer says, what it leads to, and on from there until nothing is new."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from werkzeug.test import TestResponse

from tests.client import ShopClient

_LINKS = re.compile(r'\s(?:href|src|hx-get|hx-push-url)="([^"]*)"')
_FORMS = re.compile(r"<form\b[^>]*>")
_ACTION = re.compile(r'\saction="([^"]*)"')
_REDIRECTS = {"Location", "HX-Redirect", "HX-Location", "HX-Push-Url", "Content-Location"}
_ELSEWHERE = ("/static/", "/media/", "/admin/static/", "/logout")
# What changes from page to page in tokens and says nothing: they would hold any figure sooner or later.
_TOKENS = re.compile(
    r'(?:csrf-token" content|name="csrf_token" [^>]*?value|nonce|X-CSRFToken&#34;: &#34;|"X-CSRFToken": )="?[^" >]+'
)
# The one is read as cookies are, the other is a number of its own: a page of 14,159 bytes tells nobody a price of $141.59.
_SILENT_HEADERS = {"Set-Cookie", "Content-Length"}
# So many pages a small shop does not have; more means that links grow without end.
_MOST_PAGES = 900


@dataclass(frozen=True)
class Seen:
    """One answer: where it came from and everything in it, headers included."""

    address: str
    status: int
    body: str
    headers: str
    is_fragment: bool = False

    @property
    def everything(self) -> str:
        return f"{self.body}\n{self.headers}"

    def __str__(self) -> str:
        return f"{'fragment' if self.is_fragment else 'page'} {self.address}"


def look_at(address: str, answer: TestResponse, *, is_fragment: bool = False) -> Seen:
    """Keep what an answer said; a picture's bytes say nothing."""
    body = answer.get_data()
    text = "" if answer.mimetype.startswith(("image/", "font/")) else body.decode("utf-8", "replace")
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers if name not in _SILENT_HEADERS)
    answer.close()
    return Seen(address, answer.status_code, _TOKENS.sub("", text), headers, is_fragment)


def crawl(browser: ShopClient, starts: Iterable[str]) -> list[Seen]:
    """Everything that can be read from these addresses on, each as a page and as the fragment htmx would get."""
    waiting, known, seen = deque(dict.fromkeys(starts)), set(starts), []
    while waiting:
        address = waiting.popleft()
        assert len(known) < _MOST_PAGES, f"the shop has no end: {sorted(known)[-20:]}"
        page = look_at(address, browser.get(address))
        seen.append(page)
        found = [page]
        if not address.startswith("/admin"):
            found.append(look_at(address, browser.hx(address), is_fragment=True))
            if found[1].body == page.body:
                found.pop()
            seen.extend(found[1:])
        for link in (link for each in found for link in links_of(each)):
            if link not in known:
                known.add(link)
                waiting.append(link)
    return seen


def links_of(seen: Seen) -> Iterator[str]:
    """The addresses of this shop an answer leads to, from its headers and from its HTML."""
    for line in seen.headers.splitlines():
        name, _, value = line.partition(": ")
        if name in _REDIRECTS:
            yield from _tidy(value, seen.address)
    links = _LINKS.findall(seen.body)
    readers = [form for form in _FORMS.findall(seen.body) if 'method="post"' not in form.lower()]
    links += [link for form in readers for link in _ACTION.findall(form)]
    for link in links:
        yield from _tidy(unescape(link), seen.address)


def _tidy(link: str, here: str) -> Iterator[str]:
    """Without its fragment and without the page to come back to, which would make each address another one."""
    parts = urlsplit(link)
    if parts.scheme not in {"", "http"} or parts.netloc not in {"", "localhost"}:
        return
    path = parts.path or urlsplit(here).path
    if not path.startswith("/") or path.startswith(_ELSEWHERE):
        return
    query = [(key, value) for key, value in parse_qsl(parts.query) if key != "next"]
    yield urlunsplit(("", "", path, urlencode(query), ""))
