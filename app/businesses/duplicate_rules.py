"""When two businesses may be one: the same street, the same mail domain. Hints for people, never decisions. Pure."""

from __future__ import annotations

import re

# Written in full or short, with the sign of a suite or without: one street (USPS Publication 28, appendices C1 and C2).
_SHORT = {
    "street": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln",
    "court": "ct", "place": "pl", "square": "sq", "highway": "hwy", "parkway": "pkwy", "suite": "ste", "apartment": "apt",
    "floor": "fl", "north": "n", "south": "s", "east": "e", "west": "w",
}  # fmt: skip
# Addresses anybody can have: sharing one of these means nothing.
_FREE = frozenset(
    {
        "gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "outlook.com", "hotmail.com", "live.com", "msn.com",
        "aol.com", "icloud.com", "me.com", "mac.com", "proton.me", "protonmail.com", "gmx.com", "gmx.net", "mail.com",
        "zoho.com", "fastmail.com", "comcast.net", "verizon.net", "att.net", "sbcglobal.net", "bellsouth.net", "cox.net",
        "charter.net", "earthlink.net", "yandex.com", "hey.com", "tutanota.com",
    }
)  # fmt: skip


def street_key(line1: str, postal_code: str) -> str:
    """ "12 Main Street", "04101-1234" and "12 main st.", "04101" give one key; "" when there is nothing to compare."""
    words = re.findall(r"[a-z0-9]+", line1.casefold())
    street = " ".join(_SHORT.get(word, word) for word in words)
    return f"{street}|{postal_code[:5]}" if street and postal_code else ""


def telling_domain(email: str) -> str:
    """The part after the @ when it says something about who writes; "" for the large free mail services."""
    domain = email.rpartition("@")[2].casefold()
    return "" if domain in _FREE else domain
