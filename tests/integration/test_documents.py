"""Private papers: what is taken, how they lie on the disk, who may see them and how they are served."""

from __future__ import annotations

import io
import stat

import pytest
from PIL import Image
from sqlalchemy import select

from app.accounts.permissions import Role
from app.businesses.models import Upload
from app.businesses.status import BusinessStatus
from app.businesses.suspend_business import suspend_business
from app.extensions import db
from app.shared import clock
from app.shared.history import Actor
from tests.client import read_html, read_text, sign_in
from tests.factories import make_business, make_buyer, make_shop, make_staff, make_user
from tests.papers import pdf, picture, sent

FORM = "#certificate-form"
FACTS = {
    "certificate_number": "ME-77",
    "certificate_state": "ME",
    "issued_on": "2026-01-05",
    "expires_on": "",
}


@pytest.fixture(autouse=True)
def shop(app):
    return make_shop()


@pytest.fixture
def buyer(app):
    return make_buyer(make_business())


@pytest.fixture
def browser(client, buyer):
    sign_in(client, buyer)
    return client


def send(browser, content, name="resale.pdf", **changes):
    page = browser.get("/account/business/certificates")
    return browser.submit(page, FORM, **FACTS | changes, certificate_file=sent(content, name))


def fetch(browser, address):
    """The answer with its file closed, as a web server would leave it."""
    with browser.get(address) as answer:
        answer.get_data()
        return answer


def newest() -> Upload:
    db.session.expire_all()
    return db.session.scalars(select(Upload).order_by(Upload.id.desc())).first()


def test_a_paper_lies_under_a_random_name_nobody_else_on_the_machine_can_read(browser, instance):
    send(browser, pdf(), "My shop's certificate.pdf")
    upload = newest()
    path = instance / "uploads" / upload.stored_name
    assert path.read_bytes() == pdf()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert "certificate" not in upload.stored_name
    assert upload.original_name == "My shop's certificate.pdf"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_drawn_anew_and_keeps_nothing_but_pixels(browser, instance, kind):
    exif = Image.Exif()
    exif[0x010E] = "taken at home, 43.66 N"
    send(browser, picture(kind, exif=exif) + b"<script>alert(1)</script>", "photo.pdf")
    upload = newest()
    assert (upload.content_type, upload.original_name) == ("image/webp", "photo.webp")
    stored = (instance / "uploads" / upload.stored_name).read_bytes()
    assert b"43.66" not in stored
    assert b"script" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert image.size == (800, 1000)


def test_a_name_says_nothing_about_the_kind(browser):
    refused = send(browser, b"<html><script>alert(1)</script></html>", "resale.pdf")
    assert refused.status_code == 422
    assert "PDF, JPEG, PNG or WebP" in read_text(refused)


def test_a_path_in_a_name_leads_nowhere(browser, instance):
    send(browser, pdf(), "../../../etc/passwd")
    assert newest().original_name == "passwd.pdf"
    assert not (instance.parent / "etc").exists()


def test_its_own_people_see_it_with_headers_that_let_it_do_nothing(browser):
    send(browser, picture(), "paper.jpg")
    answer = fetch(browser, f"/account/business/document/{newest().id}")
    assert answer.status_code == 200
    assert answer.mimetype == "image/webp"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"].startswith("inline")
    saved = fetch(browser, f"/account/business/document/{newest().id}?download=1")
    assert saved.headers["Content-Disposition"].startswith("attachment")


def test_staff_who_may_see_papers_see_it(browser, app):
    send(browser, pdf())
    address = f"/account/business/document/{newest().id}"
    for role, status in ((Role.SUPPORT, 200), (Role.SHOP_OWNER, 200), (Role.CATALOGUE, 404)):
        staff = app.test_client()
        sign_in(staff, make_staff(role))
        answer = fetch(staff, address)
        assert answer.status_code == status, role
        if status == 200:
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_for_anyone_else_it_does_not_exist(browser, app, client):
    send(browser, pdf())
    address = f"/account/business/document/{newest().id}"
    others = (make_buyer(), make_user(), make_user(business=make_business(BusinessStatus.DRAFT)))
    for other in others:
        stranger = app.test_client()
        sign_in(stranger, other)
        assert stranger.get(address).status_code == 404
    assert app.test_client().get(address).location.startswith("/login")
    assert browser.get("/account/business/document/999999").status_code == 404


def test_a_suspended_business_keeps_its_papers(browser, buyer):
    send(browser, pdf())
    suspend_business(
        buyer.business_id, reason="An invoice is open.", actor=Actor.system("a test"), now=clock.now()
    )
    assert browser.get("/account/business/certificates").status_code == 200
    assert fetch(browser, f"/account/business/document/{newest().id}").status_code == 200


def test_a_file_survives_an_error_elsewhere_in_the_form_and_need_not_be_chosen_again(browser):
    page = send(browser, pdf(), "maine.pdf", certificate_number="")
    assert page.status_code == 422
    assert "maine.pdf is kept" in read_text(page)
    done = browser.submit(page, FORM, certificate_number="ME-77")
    assert "Thank you. We look at it" in read_text(done)
    assert "maine.pdf" in read_text(done)


def test_another_businesss_file_cannot_be_claimed(browser, app):
    send(browser, pdf())
    theirs = newest().id
    other = app.test_client()
    sign_in(other, make_buyer())
    page = other.get("/account/business/certificates")
    refused = other.submit(page, FORM, **FACTS, kept=str(theirs))
    assert refused.status_code == 422
    assert "Choose the certificate's file" in read_text(refused)


def test_the_same_certificate_is_not_taken_twice(browser):
    send(browser, pdf())
    again = send(browser, pdf())
    assert again.status_code == 422
    assert "We have this certificate already" in read_text(again)


def test_only_an_approved_business_adds_certificates(app, client):
    sign_in(client, make_user(business=make_business(BusinessStatus.SUBMITTED)))
    page = client.get("/account/business/certificates")
    assert read_html(page).select_one(FORM) is None
    refused = client.post("/account/business/certificates", data=FACTS | {"certificate_file": sent(pdf())})
    assert "once your business is approved" in read_text(refused)
