"""Where to write about a hole in the shop, in the form machines and finders look for (RFC 9116). Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

# The RFC asks for less than a year; the file is made anew for whoever asks, so it never runs out.
_GOOD_FOR = timedelta(days=180)


def write_security_txt(*, email: str, site_url: str, now: datetime) -> str:
    """The text of /.well-known/security.txt: the shop's address, its contact page, and how long this holds."""
    until = datetime.combine(now.date() + _GOOD_FOR, time(), UTC)
    lines = [
        f"Contact: mailto:{email}" if email else "",
        f"Contact: {site_url}/contact",
        f"Expires: {until:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
        f"Canonical: {site_url}/.well-known/security.txt",
    ]
    return "\n".join(line for line in lines if line) + "\n"
