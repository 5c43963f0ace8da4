"""What makes the facts of a business right."""

from __future__ import annotations

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.businesses.address_rules import NewAddress, check_address, clean_address
from app.businesses.certificate_rules import (
    CertificateDates,
    check_dates,
    clean_certificate_number,
    clean_certificate_state,
    clean_date,
)
from app.businesses.duplicate_rules import street_key, telling_domain
from app.businesses.ein import clean_ein, format_ein
from app.businesses.fact_rules import clean_kind, clean_legal_name, clean_phone, clean_website
from app.shared.errors import AppError

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize("typed", ["123456789", "12-3456789", " 12 345 6789 ", "12.3456789", "12–3456789"])
def test_an_ein_may_be_typed_with_spaces_and_dashes(typed):
    assert clean_ein(typed) == "123456789"
    assert format_ein("123456789") == "12-3456789"


@pytest.mark.parametrize(
    "typed", ["", "12345678", "1234567890", "00-1234567", "222222222", "12-34567a9", "١٢٣٤٥٦٧٨٩"]
)
def test_what_can_be_no_ein_is_refused(typed):
    with pytest.raises(AppError):
        clean_ein(typed)


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("207 555-0142", "+12075550142"),
        ("(207) 555.0142", "+12075550142"),
        ("+44 20 7946 0958", "+442079460958"),
        (" ", ""),
    ],
)
def test_a_phone_number_is_kept_in_one_form(typed, kept):
    assert clean_phone(typed) == kept


@pytest.mark.parametrize("typed", ["555", "call me", "207-555-0142 ext. 5", "9" * 70])
def test_what_cannot_be_called_is_refused(typed):
    with pytest.raises(AppError, match="area code"):
        clean_phone(typed)


@pytest.mark.parametrize(
    "typed, kept",
    [
        ("fern.example", "https://fern.example"),
        ("http://fern.example/shop", "http://fern.example/shop"),
        ("", ""),
    ],
)
def test_a_website_may_be_typed_without_its_beginning(typed, kept):
    assert clean_website(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "fern",
        "javascript:alert(1)//a.b",
        "ftp://fern.example",
        "https://a@fern.example",
        "http://[x",
        "x." * 200,
    ],
)
def test_what_is_no_website_is_refused(typed):
    with pytest.raises(AppError, match="website"):
        clean_website(typed)


@given(st.text(max_size=300))
def test_no_text_breaks_a_rule(text):
    cleans = (clean_phone, clean_website, clean_ein, clean_legal_name, clean_kind)
    for clean in (*cleans, clean_certificate_number, clean_certificate_state, clean_issue_date):
        with suppress(AppError):
            clean(text)


def clean_issue_date(text: str) -> date | None:
    return clean_date(text, "issued_on")


@pytest.mark.parametrize("typed", ["2026-11-20", "11/20/2026", "11-20-2026", " 11.20.2026 "])
def test_a_date_may_be_typed_as_people_write_it(typed):
    assert clean_date(typed, "issued_on") == TODAY


@pytest.mark.parametrize("typed", ["20/11/2026", "2026-02-30", "soon", "0000-01-01"])
def test_no_date_is_no_date(typed):
    with pytest.raises(AppError, match="11/20/2026"):
        clean_date(typed, "issued_on")


@pytest.mark.parametrize(
    "issued, expires, wrong",
    [
        (date(2026, 1, 1), date(2027, 1, 1), []),
        (date(2026, 1, 1), None, []),
        (None, None, []),
        (TODAY, TODAY.replace(day=21), []),
        (TODAY.replace(day=21), None, ["issued_on"]),
        (date(1900, 1, 1), None, ["issued_on"]),
        (date(2026, 1, 1), TODAY.replace(day=19), ["expires_on"]),
        (TODAY, TODAY, ["expires_on"]),
    ],
)
def test_a_certificate_must_hold_today(issued, expires, wrong):
    assert [each.subject for each in check_dates(CertificateDates(issued, expires), TODAY)] == wrong


def test_everything_wrong_with_an_address_is_said_at_once():
    found = check_address(NewAddress(recipient="", line1="x" * 121, city="Bath", state="XX", postal_code="1"))
    assert {each.subject for each in found} == {"recipient", "line1", "state", "postal_code"}
    good = NewAddress(
        recipient=" Fern  Finch ", line1="1 Main", city="Bath", state="me", postal_code="04530 1234"
    )
    assert check_address(good) == []
    assert clean_address(good).recipient == "Fern Finch"
    assert clean_address(good).postal_code == "04530-1234"


def test_an_address_is_the_same_however_it_is_written():
    assert street_key("12 Main Street", "04101-1234") == street_key("12 MAIN ST.", "04101")
    assert street_key("12 Main Street", "04101") != street_key("14 Main Street", "04101")
    assert street_key("12 Main Street", "04101") != street_key("12 Main Street", "04102")
    assert street_key("", "04101") == street_key("...", "04101") == ""


def test_only_a_domain_of_ones_own_says_who_writes():
    assert telling_domain("ada@Palmer.example") == "palmer.example"
    assert telling_domain("ada@gmail.com") == ""
