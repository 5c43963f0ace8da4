"""What is masked before a mail is kept, and what stays readable."""

from __future__ import annotations

import pytest

from app.mail.mask import mask_address, mask_links

KEY = "MTc.xYw7Q2Zk3o1qv0eB9n8sLrTgHcU"


@pytest.mark.parametrize(
    "link",
    [
        f"https://shop.example.com/verify/{KEY}",
        f"https://shop.example.com/password/reset/{KEY}",
        f"https://shop.example.com/pay/{KEY}",
        f"https://shop.example.com/some/new/door/{KEY}",
        f"https://shop.example.com/door?token={KEY}",
        "https://shop.example.com/verify/short",
    ],
)
@pytest.mark.parametrize("around", ["Open {}\n", '<a href="{}">press</a>', "<p>Or open {}.</p>"])
def test_a_link_that_is_a_key_loses_its_key_and_keeps_the_rest(link: str, around: str):
    masked = mask_links(around.format(link))
    assert KEY not in masked
    assert "short" not in masked
    assert "••••••" in masked
    assert masked.startswith(around.partition("{}")[0] + "https://shop.example.com/")


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.harbor-and-pine-wholesale-goods.example.com/orders/HP-1042",
        "https://shop.example.com/admin/orders/details/?id=5",
        "https://shop.example.com/products/lavender-soap-bar-one-hundred-grams",
        "ada.palmer@palmer-and-daughters-of-portland.example.com",
        "Square answered 500/502 and the total is $1,234.50",
    ],
)
def test_other_links_and_words_stay(text: str):
    assert mask_links(text) == text


def test_a_log_shows_the_beginning_of_an_address():
    assert mask_address("ada@example.com") == "a***@example.com"
    assert mask_address("") == "***"
