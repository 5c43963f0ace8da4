"""The place for files is away: every page says so in words, nothing typed is lost, and the way back is open."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.businesses.models import ResaleCertificate, Upload
from app.catalog.models import ProductImage
from app.extensions import db
from app.settings import Settings
from app.shared import clock
from app.shared.transaction import transaction
from app.storage.shelves import EXTENSION, open_shelves
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_business, make_buyer, make_product, make_shop, make_staff
from tests.papers import pdf, picture, sent
from tests.storing import BrokenStore, broken_store

FORM = "#certificate-form"
TYPED = {
    "certificate_number": "ME-77", "certificate_state": "ME", "issued_on": "2026-01-05", "expires_on": "2027-01-05",
}  # fmt: skip


@pytest.fixture
def store() -> Iterator[BrokenStore]:
    with broken_store("busy") as found:
        yield found


@pytest.fixture
def away(app: Flask, store: BrokenStore) -> Iterator[Flask]:
    """The shop whose bucket does not answer."""
    make_shop()
    settings: Settings = app.extensions["settings"]
    changed = replace(
        settings,
        s3_bucket="b",
        s3_endpoint=store.url,
        s3_access_key="k",
        s3_secret_key="s",
        s3_timeout_seconds=1,
    )
    app.extensions[EXTENSION] = open_shelves(changed)
    try:
        yield app
    finally:
        app.extensions.pop(EXTENSION)


def test_a_form_whose_paper_cannot_be_kept_keeps_everything_typed_and_goes_through_later(
    client: ShopClient, away: Flask
) -> None:
    sign_in(client, make_buyer(make_business()))
    page = client.get("/account/business/certificates")
    refused = client.submit(page, FORM, **TYPED, certificate_file=sent(pdf(), "maine.pdf"))
    assert refused.status_code == 422
    assert "Our place for files does not answer just now" in read_text(refused)
    form = read_html(refused).select_one(FORM)
    assert form is not None
    for name in ("certificate_number", "issued_on", "expires_on"):
        field = form.select_one(f"[name={name}]")
        assert field is not None
        assert field["value"] == TYPED[name]
    assert form.select_one("option[value=ME][selected]") is not None
    assert db.session.scalars(db.select(Upload)).all() == []
    away.extensions[EXTENSION] = open_shelves(away.extensions["settings"])  # it is back
    done = client.submit(refused, FORM, certificate_file=sent(pdf(), "maine.pdf"))
    assert "Thank you. We look at it" in read_text(done)
    assert db.session.scalars(db.select(ResaleCertificate.number)).all() == ["ME-77"]


def test_a_paper_that_cannot_be_fetched_is_a_page_that_says_so_and_when_to_come_back(
    client: ShopClient, away: Flask
) -> None:
    buyer = make_buyer(make_business())
    with transaction():
        row = Upload(
            business_id=buyer.business_id, user_id=buyer.id, stored_name="a.pdf", original_name="maine.pdf",
            content_type="application/pdf", size=1, sha256="0" * 64, created_at=clock.now(),
        )  # fmt: skip
        db.session.add(row)
    sign_in(client, buyer)
    answer = client.get(f"/account/business/document/{row.id}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert "The paper is safe" in read_text(answer)
    assert "SlowDown" not in read_text(answer)
    assert client.get("/account/business/certificates").status_code == 200


def test_a_picture_that_cannot_be_fetched_is_a_few_bytes_nobody_keeps(
    client: ShopClient, away: Flask
) -> None:
    answer = client.get(f"/media/{'0f' * 16}-160.webp")
    assert (answer.status_code, answer.mimetype) == (503, "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert len(answer.data) < 100


def test_who_has_a_picture_already_needs_no_store(
    client: ShopClient, away: Flask, store: BrokenStore
) -> None:
    name = f"{'0f' * 16}-160.webp"
    answer = client.get(f"/media/{name}", headers={"If-None-Match": f'"{name}"'})
    assert answer.status_code == 304
    assert "immutable" in answer.headers["Cache-Control"]
    assert store.asked == 0


def test_staff_keep_the_words_of_a_picture_that_could_not_be_kept(client: ShopClient, away: Flask) -> None:
    product = make_product("Mug")
    sign_in(client, make_staff())
    data = {"id": product.id, "alt": "A green mug", "picture": (io.BytesIO(picture()), "mug.jpg")}
    page = client.post("/admin/products/pictures/add", data=data, follow_redirects=True)
    assert "Our place for files does not answer just now" in read_text(page)
    field = read_html(page).select_one("[name=alt]")
    assert field is not None
    assert field["value"] == "A green mug"
    assert db.session.scalars(db.select(ProductImage)).all() == []
