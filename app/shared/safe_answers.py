"""What every answer carries, whoever gives it: the shop, its set-up, or the page of a shop that cannot start.

upgrading.py and the web servers' own pages (deploy/) say the same in their own words, because nothing of the shop is
loaded for them; tests/hosting/test_safe_answers.py compares.
"""

from __future__ import annotations

SAFE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Same-origin, not none: over https the CSRF check looks at the referrer.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), usb=(), payment=(self)",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def cookie_name(name: str, *, is_https: bool) -> str:
    """With __Host- browsers bind a cookie to this very host, and take it over https alone."""
    return f"__Host-{name}" if is_https else name
