"""Every mail, word for word, against what it was when somebody last read it."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from app.mail.message import Message, write
from tests.unit.mail.samples import FRAME, SITE_URL, SNAPSHOTS, as_text, build_samples

SAMPLES = build_samples()
_KINDS = {path.stem for path in (SNAPSHOTS.parents[3] / "app" / "mail" / "messages").glob("[a-z]*.py")}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_text_of_a_mail_is_what_somebody_read_and_approved(name: str):
    assert as_text(SAMPLES[name]) == (SNAPSHOTS / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_html_of_a_mail_is_what_somebody_looked_at_and_approved(name: str):
    assert SAMPLES[name].html == (SNAPSHOTS / f"{name}.html").read_text()


def test_there_is_a_sample_of_every_mail():
    assert set(SAMPLES) >= _KINDS
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_link_leads_to_the_shop_or_to_a_person(name: str):
    page = BeautifulSoup(SAMPLES[name].html, "lxml")
    for link in page.select("a[href]"):
        assert str(link["href"]).startswith((f"{SITE_URL}", "mailto:", "tel:")), link
    for address in re.findall(r"https?://\S+", SAMPLES[name].text):
        assert address.startswith(SITE_URL)


@pytest.mark.parametrize("name", SAMPLES)
def test_text_and_html_name_the_same_page_to_go_to(name: str):
    mail = SAMPLES[name]
    page = BeautifulSoup(mail.html, "lxml")
    targets = {str(link["href"]) for link in page.select("a[href^=http]")} - {SITE_URL}
    assert all(target in mail.text for target in targets)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_mail_loads_nothing_from_anywhere(name: str):
    page = BeautifulSoup(SAMPLES[name].html, "lxml")
    assert not page.select("img, script, link, iframe, form, [src], [background]")


def test_what_people_typed_cannot_become_markup():
    assert "<b>" not in SAMPLES["contact_received"].html
    assert "<tall>" not in SAMPLES["order_received"].html


def test_a_line_break_in_a_name_cannot_begin_another_header():
    mail = write(
        FRAME,
        "contact_received",
        to="desk@example.com\r\nBcc: all@example.com",
        subject="Message from Eve\r\nBcc: all@example.com",
        reply_to="eve@example.com\nBcc: all@example.com",
        name="Eve",
        email="eve@example.com",
        business_name="",
        topic="Something else",
        body="Hello",
        link=FRAME.link("/admin/messages/1"),
    )
    assert not any("\n" in header or "\r" in header for header in _headers(mail))


def test_people_who_wait_for_approval_are_told_no_price():
    for name in ("welcome", "business_rejected", "business_asked", "verify_email"):
        assert "$" not in SAMPLES[name].text
        assert "$" not in SAMPLES[name].html


def _headers(mail: Message) -> list[str]:
    return [mail.to, mail.subject, mail.reply_to]
