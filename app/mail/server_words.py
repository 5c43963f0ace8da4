"""What a mail server answered, made fit for the ledger: one short line that names nobody and opens nothing."""

from __future__ import annotations

import re

from app.mail.mask import MASK, mask_address, mask_links

_LONGEST = 180
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w-]+(?:\.[\w-]+)*")
# What follows a question mark in an address of the web may name a person or bear a key.
_QUERY = re.compile(r"(https?://[^\s?]+\?)\S+")


def server_words(code: int, words: bytes | str) -> str:
    """The number and the words of an SMTP answer, over however many lines it came.

    >>> server_words(550, b"<ada@example.com>: unknown")
    '550 <a***@example.com>: unknown'
    """
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    line = _QUERY.sub(rf"\1{MASK}", mask_links(line))
    line = _ADDRESS.sub(lambda found: mask_address(found.group()), line)
    said = f"{code} {line}".strip()
    return said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1].rstrip()}…"
