"""Which PDF files are taken: whole ones that carry nothing but pages. Pure; judged by content alone."""

from __future__ import annotations

import re
import zlib

# ISO 32000-1: the header, the last line, and object streams (7.5.7), where a file may pack its dictionaries.
_HEADER = re.compile(rb"%PDF-[12]\.\d")
_TAIL_BYTES = 2048
# Far above any form of a state's; a file that unpacks to more wants to fill our memory.
_MOST_UNPACKED = 32 * 1024 * 1024
_MOST_OBJECT_STREAMS = 5000


def _name(word: str) -> bytes:
    """A pattern for a PDF name, any letter of which may be written as #xx (ISO 32000-1, 7.3.5)."""
    return b"/" + b"".join(b"(?:%c|#(?i:%02x))" % (ord(letter), ord(letter)) for letter in word)


def _any_of(*words: str) -> re.Pattern[bytes]:
    return re.compile(b"(?:" + b"|".join(_name(word) for word in words) + rb")(?=[\s/<>\[\](){}%]|$)")


_ENCRYPTED = _any_of("Encrypt")
_SCRIPT = _any_of("JavaScript", "Launch", "RichMedia")
_ATTACHED = _any_of("EmbeddedFile", "EmbeddedFiles")
_OBJECT_STREAM = _any_of("ObjStm")
_STREAM = re.compile(rb"stream\r?\n")

_AGAIN = "Open it, choose Print, then “Save as PDF”, and send the new file, or send a photo of the paper."


def find_pdf_trouble(content: bytes) -> str | None:
    """Why this PDF is not taken, with what to do about it; None when it is taken."""
    if not _HEADER.match(content) or b"%%EOF" not in content[-_TAIL_BYTES:]:
        return "This PDF is damaged or was not copied whole. Send it once more, or send a photo of the paper."
    if _ENCRYPTED.search(content):
        return (
            f"This PDF is protected with a password or against copying, so we cannot keep it safely. {_AGAIN}"
        )
    packed = _unpack_object_streams(content)
    if packed is None:
        return f"This PDF is built in a way we cannot check. {_AGAIN}"
    for part in (content, packed):
        if _SCRIPT.search(part):
            return f"This PDF holds a program (a script or a film), and we take pages only. {_AGAIN}"
        if _ATTACHED.search(part):
            return f"This PDF has other files attached to it, and we take pages only. {_AGAIN}"
    return None


def _unpack_object_streams(content: bytes) -> bytes | None:
    """What the object streams hold, all in a row; None when that is too much or cannot be unpacked."""
    parts: list[bytes] = []
    left = _MOST_UNPACKED
    for number, found in enumerate(_OBJECT_STREAM.finditer(content)):
        begins = _STREAM.search(content, found.end(), found.end() + 2000)
        if number >= _MOST_OBJECT_STREAMS or begins is None:
            return None
        unpacker = zlib.decompressobj()
        dictionary = content[max(0, found.start() - 500) : begins.start()]
        try:
            parts.append(unpacker.decompress(content[begins.end() :], left))
        except zlib.error:
            if b"Filter" in dictionary or b"#" in dictionary:
                return None
            continue  # not packed at all, so the search over the whole file has seen it
        left -= len(parts[-1])
        if left <= 0:
            return None
    return b"\n".join(parts)
