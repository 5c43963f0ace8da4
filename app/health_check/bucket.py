"""Is the store of S3_BUCKET there, may the shop write in it, and is it closed to everybody else?"""

from __future__ import annotations

import secrets
from contextlib import closing

import httpx

from app.health_check.lines import Line, bad, good, warning
from app.settings import Settings
from app.storage.contract import Shelf, StorageAway
from app.storage.shelves import open_shelves

_NAME = "Files in S3_BUCKET"
_SECONDS = 5


def check_bucket(settings: Settings) -> list[Line]:
    """Puts a small file, reads it, tries it as a stranger, and takes it away again. No line where there is no bucket."""
    if not settings.s3_bucket:
        return []
    papers = open_shelves(settings).papers
    name = f"check-{secrets.token_hex(8)}.txt"
    try:
        return [_try_out(papers, name), try_as_stranger(settings, name)]
    except StorageAway as away:
        fix = "Check S3_ENDPOINT, S3_REGION and the keys, and that they may get, put, delete and list in S3_BUCKET."
        return [bad(_NAME, f"It cannot be used: {away.cause}.", fix)]
    finally:
        _take_away(papers, name)


def _try_out(papers: Shelf, name: str) -> Line:
    content = name.encode()
    papers.put(name, content)
    with closing(papers.open(name).stream) as stream:
        is_same = stream.read() == content
    next(papers.list(), None)  # the clean-up and backups need to list
    if not is_same:
        return bad(_NAME, "It gives back other bytes than it got.", "Take another store: this one is broken.")
    return good(_NAME, "A file was written, read, listed and taken away again.")


def try_as_stranger(settings: Settings, name: str) -> Line:
    """Without a key nobody may read papers; asked in the way that works with every store (path style)."""
    place = settings.s3_endpoint or f"https://s3.{settings.s3_region}.amazonaws.com"
    address = f"{place.rstrip('/')}/{settings.s3_bucket}/{settings.s3_prefix}uploads/{name}"
    title = "Private papers in the store"
    try:
        status = httpx.get(address, timeout=_SECONDS, follow_redirects=True).status_code
    except httpx.HTTPError as error:
        return warning(
            title, f"Could not be tried ({type(error).__name__}).", "See that the bucket is closed."
        )
    if status == httpx.codes.OK:
        fix = "Close the bucket: no public access but, if you like, to media/. Certificates lie there for everybody to read."
        return bad(title, "Anybody can read them without a key.", fix)
    return good(title, f"A stranger is refused ({status}).")


def _take_away(papers: Shelf, name: str) -> None:
    try:
        papers.remove(name)
    except StorageAway:
        return  # the daily look finds it
