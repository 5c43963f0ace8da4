"""Where to write about a hole in the shop."""

from __future__ import annotations

from datetime import UTC, datetime

from app.pages.security_txt import write_security_txt

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)


def test_it_names_the_shops_address_and_when_it_ends():
    lines = write_security_txt(
        email="hello@shop.example", site_url="https://shop.example", now=NOW
    ).splitlines()
    assert lines == [
        "Contact: mailto:hello@shop.example",
        "Contact: https://shop.example/contact",
        "Expires: 2027-05-19T00:00:00Z",
        "Preferred-Languages: en",
        "Canonical: https://shop.example/.well-known/security.txt",
    ]


def test_a_shop_without_an_address_yet_still_has_its_contact_page():
    text = write_security_txt(email="", site_url="https://shop.example", now=NOW)
    assert text.startswith("Contact: https://shop.example/contact\n")
