"""E-mail addresses in the one spelling they are stored in, and names mails may greet."""

from __future__ import annotations

import pytest

from app.accounts.addresses import AddressNotUsable, normalise_email, tidy_email
from app.accounts.names import is_greetable


@pytest.mark.parametrize(
    "typed, stored",
    [
        ("ada@example.com", "ada@example.com"),
        ("  Ada.Palmer@Example.COM ", "ada.palmer@example.com"),
        ("ada+orders@example.co.uk", "ada+orders@example.co.uk"),
        ("ju\u0308rgen@example.com", "j\u00fcrgen@example.com"),
        ("owner@shop.test", "owner@shop.test"),
    ],
)
def test_an_address_is_stored_in_one_spelling(typed: str, stored: str):
    assert normalise_email(typed) == stored
    assert tidy_email(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "ada", "ada@", "@example.com", "ada@example", "a b@example.com", "ada@exa mple.com", "ada@example.com,b@example.com",
     "ada@example.com\nBcc: all@example.com", "Ada <ada@example.com>", "a" * 65 + "@example.com", "ada@" + "x" * 250 + ".com"],
)  # fmt: skip
def test_what_is_no_address_is_refused_beside_its_field(typed: str):
    with pytest.raises(AddressNotUsable) as refused:
        normalise_email(typed)
    assert refused.value.field == "email"
    assert "name@example.com" in refused.value.message


@pytest.mark.parametrize("name", ["Ada Palmer", "J. R. Smith", "Zoë O’Neill-García", "Dr. Li", "李小龙"])
def test_names_of_people_may_be_greeted(name: str):
    assert is_greetable(name)


@pytest.mark.parametrize(
    "name",
    ["Win at https://x.example", "www.win.example", "buy.example now", "a@b", "<b>Ada</b>", "Ada\u202e"],
)
def test_a_name_that_leads_elsewhere_is_not_greeted(name: str):
    assert not is_greetable(name)
