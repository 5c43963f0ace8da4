"""The test cards of Square's sandbox, for the plain card form that stands in where Square's own script is not loaded.

Source: Square's "Sandbox payments" page; what each does was seen against the look-alike in sandbox/.
"""

from __future__ import annotations

TEST_CARDS: tuple[tuple[str, str, str], ...] = (
    ("cnon:card-nonce-ok", "Visa ending 1111", "Goes through"),
    ("cnon:card-nonce-declined", "Visa ending 0002", "The bank declines it"),
    ("cnon:card-nonce-rejected-cvv", "Visa ending 0010", "Wrong security code"),
    ("cnon:card-nonce-rejected-postalcode", "Visa ending 0028", "Wrong ZIP code"),
    ("cnon:card-nonce-rejected-expiration", "Visa ending 0036", "Wrong expiry date"),
)
