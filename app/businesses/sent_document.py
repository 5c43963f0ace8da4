"""The paper that came with a form: checked and stored before the transaction that gives it its row."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from flask import request

from app.businesses.documents import StoredDocument, store_document
from app.settings import Settings
from app.shared.errors import AppError, Violation
from app.storage.contract import StorageAway
from app.storage.shelves import get_shelves

T = TypeVar("T")


def read_sent_document(form: Any, settings: Settings) -> tuple[StoredDocument | None, list[Violation]]:
    """The file of this request, checked and stored; None with the reason when it is refused, or when none was sent."""
    sent = request.files.get("certificate_file")
    if sent is None or not sent.filename or "certificate_file" not in form:
        return None, []
    shelf, most_bytes = get_shelves().papers, settings.upload_megabytes * 1024 * 1024
    try:
        return store_document(sent.stream, sent.filename, shelf=shelf, most_bytes=most_bytes), []
    except AppError as refused:
        return None, [Violation("refused", refused.message, subject="certificate_file")]


def or_discard(document: StoredDocument | None, step: Callable[[], T]) -> T:
    """Run the step that gives the file its row; without a row the file goes, too: now, or when the daily look finds it."""
    try:
        return step()
    except BaseException:
        if document is not None:
            with suppress(StorageAway):
                get_shelves().papers.remove(document.stored_name)
        raise
