"""The last part of an address, made from a name: ASCII only, because some hosts hand paths over percent-encoded."""

from __future__ import annotations

import re
import unicodedata


def make_slug(text: str, longest: int) -> str:
    """ "Bougie & Cire, 8 oz" → "bougie-cire-8-oz"; empty when nothing of it can be written in ASCII."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].strip("-")
