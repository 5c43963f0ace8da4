"""Private papers of businesses: taken by what they hold, not by their names, and kept where only the shop looks."""

from __future__ import annotations

import hashlib
import importlib
import secrets
from dataclasses import dataclass
from typing import IO

from app.businesses.pdf_rules import find_pdf_trouble
from app.shared.errors import AppError
from app.shared.picture_refused import PictureRefused
from app.storage.contract import Shelf

PDF, WEBP = "application/pdf", "image/webp"
_ENDINGS = {PDF: ".pdf", WEBP: ".webp"}
# Wide enough to read the small print of a Letter page (2400 pixels over 8 inches are 300 dots an inch).
_PICTURE_WIDTH = 2400
_LONGEST_NAME = 120


class DocumentRefused(AppError):
    """The file is not taken; the message says what to send instead."""

    def __init__(self, message: str):
        super().__init__(message, "certificate_file")


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A file on the shelf of papers; `size` in bytes, `sha256` in hex of what is stored."""

    stored_name: str
    original_name: str
    content_type: str
    size: int
    sha256: str


def store_document(data: IO[bytes], original_name: str, *, shelf: Shelf, most_bytes: int) -> StoredDocument:
    """Check a PDF, JPEG, PNG or WebP and put it on the shelf under a random name.

    Pictures are drawn anew, so nothing but pixels is kept of them. DocumentRefused when the file is not taken,
    StorageAway when it cannot be kept just now.
    """
    content = data.read(most_bytes + 1)
    if not content:
        raise DocumentRefused("This file is empty. Choose the certificate as PDF, JPEG, PNG or WebP.")
    if len(content) > most_bytes:
        raise DocumentRefused(
            f"This file is larger than {most_bytes // 1024**2} MB. Scan it smaller, or take a photo."
        )
    content_type, kept = _checked(content)
    stored_name = secrets.token_hex(16) + _ENDINGS[content_type]
    shelf.put(stored_name, kept)
    return StoredDocument(
        stored_name,
        _tidy_name(original_name, content_type),
        content_type,
        len(kept),
        hashlib.sha256(kept).hexdigest(),
    )


def _checked(content: bytes) -> tuple[str, bytes]:
    """The type, and the bytes to keep."""
    if content.startswith(b"%PDF-"):
        trouble = find_pdf_trouble(content)
        if trouble:
            raise DocumentRefused(trouble)
        return PDF, content
    if not _looks_like_picture(content):
        raise DocumentRefused(
            "We can take a PDF, JPEG, PNG or WebP file. Save it as one of these, or take a photo of the paper."
        )
    maker = importlib.import_module("app.shared.picture_maker")
    try:
        made = maker.make_pictures(content, (_PICTURE_WIDTH,))
    except PictureRefused as refused:
        raise DocumentRefused(refused.message) from None
    return WEBP, made.files[made.width]


def _looks_like_picture(content: bytes) -> bool:
    is_webp = content.startswith(b"RIFF") and content[8:12] == b"WEBP"
    return is_webp or content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _tidy_name(name: str, content_type: str) -> str:
    """The name people know it by, without a path or signs that mean something elsewhere, ending as it is stored."""
    last = name.replace("\\", "/").rpartition("/")[2]
    stem = last.rpartition(".")[0] or last
    readable = "".join(letter for letter in stem if letter.isprintable() and letter not in '<>:"|?*').strip(
        " ."
    )
    ending = _ENDINGS[content_type]
    return (readable or "certificate")[: _LONGEST_NAME - len(ending)] + ending
