"""From "tell us about your business" to "it is with us": drafts, what is kept, sending, questions."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.permissions import Role
from app.businesses.models import Address, Business, ResaleCertificate
from app.businesses.review_application import ask, reject
from app.businesses.status import BusinessKind, BusinessStatus
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.secret_box import secret_box
from app.shared.transaction import transaction
from tests.client import read_html, read_text, sign_in
from tests.factories import make_business, make_shop, make_staff, make_user
from tests.papers import packed, pdf, picture, sent

FORM = "#application-form"
FACTS = {
    "legal_name": "Fern & Finch LLC",
    "trade_name": "Fern & Finch",
    "kind": "retail_store",
    "ein": "12 345 6780",
    "phone": "(207) 555-0142",
    "website": "fernandfinch.example",
}
PLACE = {
    "recipient": "Fern & Finch",
    "line1": "12 Main St",
    "line2": "",
    "city": "Portland",
    "state": "ME",
    "postal_code": "04101",
}
STAFF = Actor.system("a reviewer")


def paper(**changes):
    today = clock.now().date()
    values = {
        "certificate_number": "ME-1183",
        "certificate_state": "ME",
        "issued_on": (today - timedelta(days=60)).isoformat(),
        "expires_on": (today + timedelta(days=400)).isoformat(),
        "certificate_file": sent(pdf(), "resale 2026.pdf"),
    }
    return values | changes


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.fixture
def person(app):
    return make_user()


@pytest.fixture
def browser(client, person):
    sign_in(client, person)
    return client


def fill(browser, step, **values):
    page = browser.get(f"/account/business/application?step={step}")
    return browser.submit(page, FORM, **values)


def fill_all(browser):
    fill(browser, "facts", **FACTS)
    fill(browser, "address", **PLACE)
    return fill(browser, "certificate", **paper())


def business_of(person) -> Business:
    db.session.expire_all()
    return db.session.get_one(Business, person.business_id)


def test_the_first_save_begins_a_draft_and_makes_it_the_persons_own(browser, person):
    page = fill(browser, "facts", **FACTS)
    assert "Your business's address" in read_text(page)
    business = business_of(person)
    assert business.status is BusinessStatus.DRAFT
    assert (business.legal_name, business.kind) == ("Fern & Finch LLC", BusinessKind.RETAIL_STORE)
    assert (business.phone, business.website) == ("+12075550142", "https://fernandfinch.example")


def test_the_ein_is_encrypted_and_shown_by_its_last_four_alone(browser, person):
    fill(browser, "facts", **FACTS)
    business = business_of(person)
    assert "123456780" not in business.ein_encrypted
    assert secret_box.decrypt(business.ein_encrypted) == "123456780"
    assert business.ein_fingerprint == secret_box.fingerprint("123456780")
    for address in (
        "/account/business",
        "/account/business/application?step=facts",
        "/account/business/application?step=check",
    ):
        answer = browser.get(address).get_data(as_text=True)
        assert "••-•••6780" in answer
        assert "123456780" not in answer
        assert "3456780" not in answer


def test_what_is_right_is_saved_and_what_is_wrong_stays_in_its_field(browser, person):
    page = fill(browser, "facts", **FACTS | {"ein": "12-34", "website": "not a site"})
    assert page.status_code == 422
    html = read_html(page)
    assert html.select_one("#ein")["value"] == "12-34"
    assert html.select_one("#website")["value"] == "not a site"
    assert {link["href"] for link in html.select(".error-summary a")} == {"#ein", "#website"}
    assert html.title.get_text().startswith("Error:")
    business = business_of(person)
    assert business.legal_name == "Fern & Finch LLC"
    assert business.ein_last4 == ""


def test_going_on_needs_every_field_but_finishing_later_does_not(browser, person):
    page = fill(browser, "facts", legal_name="Fern & Finch LLC")
    assert page.status_code == 422
    assert "Enter the 9 digits of your EIN" in read_text(page)
    later = fill(browser, "facts", legal_name="Fern & Finch LLC", later="yes")
    assert "Your application is saved" in read_text(later)
    assert "Draft" in read_text(later)


def test_a_draft_goes_on_where_something_is_missing(browser):
    fill(browser, "facts", **FACTS)
    page = browser.get("/account/business/application")
    assert read_html(page).h1.get_text() == "Your business's address"


def test_half_an_address_is_kept_for_later(browser, person):
    later = fill(browser, "address", **PLACE | {"city": "", "postal_code": ""}, later="yes")
    assert later.status_code == 200
    page = browser.get("/account/business/application?step=address")
    assert read_html(page).select_one("#line1")["value"] == "12 Main St"
    assert business_of(person).status is BusinessStatus.DRAFT


def test_the_file_is_kept_and_named_when_another_field_is_wrong(browser, person):
    page = fill(browser, "certificate", **paper(issued_on="tomorrow"))
    assert page.status_code == 422
    text = read_text(page)
    assert "resale 2026.pdf" in text
    assert "is kept" in text
    assert "Enter the date as month, day and year" in text
    again = fill(browser, "certificate", **paper(certificate_file=None))
    assert again.status_code == 200
    certificate = db.session.scalars(select(ResaleCertificate)).one()
    assert (certificate.number, certificate.state) == ("ME-1183", "ME")
    assert certificate.upload_id is not None


@pytest.mark.parametrize(
    "content, says",
    [
        (b"MZ not a paper at all", "PDF, JPEG, PNG or WebP"),
        (pdf(b"<< /S /JavaScript /JS (app.alert) >>"), "holds a program"),
        (pdf(packed(b"1 0 << /S /Java#53cript >>")), "holds a program"),
        (picture()[:400], "damaged"),
        (b"", "empty"),
    ],
)
def test_a_file_that_is_refused_says_why_and_the_rest_is_saved(browser, instance, content, says):
    before = set((instance / "uploads").glob("*"))
    page = fill(browser, "certificate", **paper(certificate_file=sent(content, "resale.pdf")))
    assert page.status_code == 422
    assert says in read_text(page)
    assert db.session.scalars(select(ResaleCertificate)).one().number == "ME-1183"
    assert set((instance / "uploads").glob("*")) == before


def test_a_complete_application_is_sent_and_staff_get_a_mail(browser, person, mails, run_jobs):
    page = fill_all(browser)
    assert "Nothing is missing" in read_text(page)
    done = browser.submit(page, FORM, answer="We open in June.")
    assert "Your application is with us now" in read_text(done)
    business = business_of(person)
    assert business.status is BusinessStatus.SUBMITTED
    assert business.submitted_at is not None
    last = list_history("business", business.id)[-1]
    assert (last.from_status, last.to_status, last.reason) == ("draft", "submitted", "We open in June.")
    assert db.session.scalars(select(OutboxRow).filter_by(kind=Kind.MAIL_BUSINESS_SUBMITTED)).one()


def test_an_incomplete_one_is_not_sent_and_each_gap_leads_to_its_screen(browser, person):
    fill(browser, "facts", **FACTS)
    page = browser.get("/account/business/application?step=check")
    refused = browser.submit(page, FORM)
    assert refused.status_code == 422
    links = {link["href"] for link in read_html(refused).select(".error-summary a")}
    assert links == {
        "/account/business/application?step=address",
        "/account/business/application?step=certificate",
    }
    assert business_of(person).status is BusinessStatus.DRAFT


def test_a_certificate_that_ran_out_while_the_draft_lay_is_asked_for_again(browser, person):
    fill_all(browser)
    business_id = business_of(person).id
    from_then = clock.now().date() - timedelta(days=2)
    with_expired(business_id, from_then)
    page = browser.get("/account/business/application?step=check")
    refused = browser.submit(page, FORM)
    assert refused.status_code == 422
    assert "has expired" in read_text(refused)


def with_expired(business_id, day):
    with transaction():
        certificate = db.session.scalars(select(ResaleCertificate).filter_by(business_id=business_id)).one()
        certificate.expires_on = day
        certificate.issued_on = day - timedelta(days=100)


def test_once_sent_nothing_can_be_changed(browser, person):
    page = fill_all(browser)
    stale = browser.get("/account/business/application?step=facts")
    browser.submit(page, FORM)
    answer = browser.submit(stale, FORM, legal_name="Somebody Else Inc")
    assert "We are looking at your application" in read_text(answer)
    assert business_of(person).legal_name == "Fern & Finch LLC"


def test_a_question_opens_exactly_the_fields_asked_for(browser, person):
    browser.submit(fill_all(browser), FORM)
    business = business_of(person)
    ask(
        business.id,
        fields=["website", "certificate_file"],
        question="Show us the lower half.",
        actor=STAFF,
        now=clock.now(),
    )

    page = browser.get("/account/business")
    assert "Show us the lower half." in read_text(page)
    answered = browser.get(read_html(page).find("a", string="Answer it")["href"])
    assert read_html(answered).select_one(f"{FORM} [name=website]"), "the first field asked for stands open"
    facts = browser.get("/account/business/application?step=facts")
    named = {field["name"] for field in read_html(facts).select(f"{FORM} [name]")}
    assert named == {"csrf_token", "website", "later"}
    tampered = browser.post(
        "/account/business/application?step=facts",
        data={"website": "https://new.example", "legal_name": "Sneaked In", "ein": "987654321"},
    )
    assert tampered.location == "/account/business/application?step=certificate"
    business = business_of(person)
    assert (business.website, business.legal_name, business.ein_last4) == (
        "https://new.example",
        "Fern & Finch LLC",
        "6780",
    )
    certificate = browser.get("/account/business/application?step=certificate")
    assert {field["name"] for field in read_html(certificate).select("input[type=file]")} == {
        "certificate_file"
    }
    assert read_html(certificate).select_one("#certificate_number") is None
    address = browser.get("/account/business/application?step=address")
    assert read_html(address).select_one("#line1") is None


def test_an_answered_question_goes_back_to_staff(browser, person):
    browser.submit(fill_all(browser), FORM)
    ask(business_of(person).id, fields=["website"], question="Which site?", actor=STAFF, now=clock.now())
    page = fill(browser, "facts", website="fern.example")
    browser.submit(page, FORM, answer="The new one.")
    business = business_of(person)
    assert business.status is BusinessStatus.SUBMITTED
    assert business.requested_fields == []
    changes = [
        entry.details
        for entry in list_history("business", business.id)
        if entry.event == "application_changed"
    ]
    assert changes[-1]["changes"]["website"] == ["https://fernandfinch.example", "https://fern.example"]


def test_a_refused_applicant_reads_why_and_may_send_it_again(browser, person):
    browser.submit(fill_all(browser), FORM)
    reject(
        business_of(person).id, reason="The certificate names another business.", actor=STAFF, now=clock.now()
    )
    page = browser.get("/account/business")
    assert "The certificate names another business." in read_text(page)
    fill(browser, "certificate", **paper(certificate_number="ME-2000"))
    check = browser.get("/account/business/application?step=check")
    browser.submit(check, FORM)
    assert business_of(person).status is BusinessStatus.SUBMITTED


def test_a_suspended_business_reads_why(client, app):
    business = make_business(BusinessStatus.SUSPENDED, review_note="An invoice is open.")
    sign_in(client, make_user(business=business))
    assert "An invoice is open." in read_text(client.get("/account/business"))
    assert client.get("/account/business/application").location == "/account/business"


def test_somebody_unconfirmed_is_sent_to_confirm_first(client, app):
    sign_in(client, make_user(verified=False))
    for address in ("/account/business", "/account/business/application"):
        assert client.get(address).location == "/register/check-mail"


def test_strangers_sign_in_first(client):
    for address in (
        "/account/business",
        "/account/business/application",
        "/account/addresses",
        "/account/business/certificates",
    ):
        assert client.get(address).location.startswith("/login")


def test_staff_have_no_application(client, app):
    sign_in(client, make_staff(Role.SUPPORT))
    assert client.get("/account/business/application").status_code == 403


@pytest.mark.parametrize(
    "value", ["\x00", "x" * 5000, "🕯" * 300, "<script>alert(1)</script>", "'; DROP TABLE businesses; --"]
)
def test_odd_input_is_answered_and_never_breaks(browser, value):
    page = browser.get("/account/business/application?step=facts")
    answer = browser.submit(page, FORM, **dict.fromkeys(FACTS, value))
    assert answer.status_code in {200, 422}
    page = browser.get("/account/business/application?step=address")
    answer = browser.submit(page, FORM, **dict.fromkeys(PLACE, value))
    assert answer.status_code in {200, 422}
    page = browser.get("/account/business/application?step=certificate")
    fields = ("certificate_number", "certificate_state", "issued_on", "expires_on")
    answer = browser.submit(page, FORM, **dict.fromkeys(fields, value))
    assert answer.status_code in {200, 422}
    assert "<script>alert(1)" not in answer.get_data(as_text=True)


def test_the_address_of_the_application_opens_the_book(browser, person):
    browser.submit(fill_all(browser), FORM)
    address = db.session.scalars(select(Address)).one()
    assert address.is_main
    assert address.is_default_shipping
    assert "12 Main St" in read_text(browser.get("/account/addresses"))
