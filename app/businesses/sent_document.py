"""The paper that came with a form: checked and stored before the transaction that gives it its row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import request

from app.businesses.documents import StoredDocument, discard_document, store_document
from app.settings import Settings
from app.shared.errors import AppError, Violation

T = TypeVar("T")


def read_sent_document(form: Any, settings: Settings) -> tuple[StoredDocument | None, list[Violation]]:
    """The file of this request, checked and stored; None with the reason when it is refused, or when none was sent."""
    sent = request.files.get("certificate_file")
    if sent is None or not sent.filename or "certificate_file" not in form:
        return None, []
    folder, most_bytes = settings.uploads_path, settings.upload_megabytes * 1024 * 1024
    try:
        return store_document(sent.stream, sent.filename, folder=folder, most_bytes=most_bytes), []
    except AppError as refused:
        return None, [Violation("refused", refused.message, subject="certificate_file")]


def or_discard(document: StoredDocument | None, step: Callable[[], T], settings: Settings) -> T:
    """Run the step that gives the file its row; without a row the file goes, too."""
    try:
        return step()
    except BaseException:
        if document is not None:
            discard_document(document.stored_name, folder=settings.uploads_path)
        raise
