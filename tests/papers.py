"""Files people send: whole ones, broken ones and wicked ones."""

from __future__ import annotations

import io
import zlib
from typing import Any

from PIL import Image

_HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
_TAIL = b"trailer\n<< /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"


def pdf(*objects: bytes) -> bytes:
    """A PDF as far as a look at its outside tells, with more objects inside."""
    numbered = (b"%d 0 obj\n%s\nendobj\n" % (number, each) for number, each in enumerate(objects, start=3))
    return _HEAD + b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n" + b"".join(numbered) + _TAIL


def packed(inside: bytes) -> bytes:
    """An object stream: dictionaries packed where a search of the plain file does not see them."""
    content = zlib.compress(inside)
    head = b"<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\n" % len(content)
    return head + b"stream\n" + content + b"\nendstream"


def picture(kind: str = "JPEG", size: tuple[int, int] = (800, 1000), **options: Any) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "#c9d6cf").save(buffer, kind, **options)
    return buffer.getvalue()


def sent(content: bytes, name: str = "resale.pdf") -> tuple[io.BytesIO, str]:
    """A file field's value for the test browser."""
    return io.BytesIO(content), name
