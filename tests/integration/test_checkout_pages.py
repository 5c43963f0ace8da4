"""The checkout as a buyer without JavaScript walks it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from app.businesses.models import Address
from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.shared.money import Money
from app.shared.transaction import transaction
from sandbox.square import SquareServer
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_address, make_business, make_pickup, make_tax_rate, make_text_page, make_user
from tests.mailbox import Mails
from tests.placing import CARD_DECLINED, CARD_OK, Ready, break_next, ledger, make_ready, press

pytestmark = pytest.mark.usefixtures("app", "square")


@pytest.fixture
def ready(client: ShopClient) -> Ready:
    ready = make_ready()
    make_text_page()
    sign_in(client, ready.buyer)
    return ready


def orders() -> list[Order]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(db.select(Order).order_by(Order.id)))


def review(client: ShopClient) -> TestResponse:
    return client.submit(client.get("/checkout/"), "#delivery-form")


def test_a_buyer_gets_from_delivery_to_a_paid_order_by_plain_forms(
    client: ShopClient, ready: Ready, run_jobs: Callable[..., object], mails: Mails
) -> None:
    page = client.submit(client.get("/checkout/"), "#delivery-form", po_number="PO-4711", note="Ring twice")
    assert page.request.path == "/checkout/review"
    assert "PO-4711" in read_text(page)
    assert "Ring twice" in read_text(page)

    done = client.submit(page, "#review", source_token=CARD_OK, accept_terms="y")
    assert done.status_code == 200
    [order] = orders()
    assert done.request.path == f"/checkout/done/{order.number}"
    assert "Thank you" in read_text(done)
    assert order.po_number == "PO-4711"

    run_jobs()
    assert "Paid" in read_text(client.get(f"/orders/{order.number}"))
    assert "PO-4711" in mails.last_to(ready.buyer.email).text


def test_a_declined_card_stays_on_the_page_with_the_reason_and_everything_typed(
    client: ShopClient, ready: Ready
) -> None:
    page = client.submit(review(client), "#review", source_token=CARD_DECLINED, accept_terms="y")
    assert page.status_code == 422
    html = read_html(page)
    assert "declined this card" in html.select_one(".error-summary").get_text()  # type: ignore[union-attr]
    assert html.select_one("#accept_terms[checked]")
    assert html.select_one(f"input[value='{CARD_DECLINED}'][checked]")

    done = client.submit(page, "#review", source_token=CARD_OK)
    assert "Thank you" in read_text(done)
    assert [each.status for each in orders()] == [OrderStatus.PAYMENT_PENDING]


def test_the_terms_must_be_accepted(client: ShopClient, ready: Ready, square: SquareServer) -> None:
    page = client.submit(review(client), "#review", source_token=CARD_OK)
    assert page.status_code == 422
    assert "Tick the box to accept the terms of sale." in read_text(page)
    assert ledger(square) == []


def test_a_tampered_total_is_never_charged(client: ShopClient, ready: Ready, square: SquareServer) -> None:
    page = client.submit(review(client), "#review", source_token=CARD_OK, accept_terms="y", shown_total="1")
    assert page.status_code == 422
    assert "total changed" in read_text(page)
    assert ledger(square) == []


@pytest.mark.parametrize("total", ["", "-5", "1e9", "12.5", "9" * 15, "٣٥٠٠"])
def test_a_total_that_is_no_number_is_refused_in_words(client: ShopClient, ready: Ready, total: str) -> None:
    page = client.submit(review(client), "#review", source_token=CARD_OK, accept_terms="y", shown_total=total)
    assert page.status_code == 422
    assert orders() == []


def test_a_new_address_is_stored_in_the_book_and_used(client: ShopClient, ready: Ready) -> None:
    typed = {
        "address": "new",
        "new_address-recipient": "Dock 3",
        "new_address-line1": "9 Pier Rd",
        "new_address-city": "Oakland",
        "new_address-state": "CA",
        "new_address-postal_code": "94607 1234",
    }
    page = client.submit(client.get("/checkout/"), "#delivery-form", **typed)
    assert "9 Pier Rd" in read_text(page)
    assert "94607-1234" in {row.postal_code for row in db.session.scalars(db.select(Address))}


def test_a_wrong_zip_is_said_beside_the_field_and_nothing_typed_is_lost(
    client: ShopClient, ready: Ready
) -> None:
    typed = {
        "address": "new",
        "new_address-recipient": "Dock 3",
        "new_address-line1": "9 Pier Rd",
        "new_address-city": "Oakland",
        "new_address-state": "CA",
        "new_address-postal_code": "9460",
        "note": "Ring twice",
    }
    page = client.submit(client.get("/checkout/"), "#delivery-form", **typed)
    assert page.status_code == 422
    html = read_html(page)
    field = html.select_one("#new_address-postal_code")
    assert field is not None
    assert field["aria-invalid"] == "true"
    assert "like 04101" in html.select_one("#new_address-postal_code-error").get_text()  # type: ignore[union-attr]
    assert "9 Pier Rd" in str(html)
    assert "Ring twice" in str(html)


def test_somebody_elses_address_is_not_to_be_had(client: ShopClient, ready: Ready) -> None:
    stranger = make_address(make_business(), line1="1 Secret Lane")
    page = client.submit(client.get("/checkout/"), "#delivery-form", address=str(stranger.id))
    assert page.status_code == 422
    assert "Secret Lane" not in read_text(page)


def test_somebody_elses_billing_address_is_not_to_be_had(
    client: ShopClient, ready: Ready, square: SquareServer
) -> None:
    stranger = make_address(make_business(), line1="1 Secret Lane")
    page = client.submit(
        review(client), "#review", source_token=CARD_OK, accept_terms="y", billing=str(stranger.id)
    )
    assert page.status_code in {404, 422}
    assert "Secret Lane" not in read_text(page)
    assert ledger(square) == []


def test_another_billing_address_stands_on_the_order(client: ShopClient, ready: Ready) -> None:
    office = make_address(ready.business, line1="2 Office Park", is_main=False, is_default_shipping=False)
    client.submit(review(client), "#review", source_token=CARD_OK, accept_terms="y", billing=str(office.id))
    [order] = orders()
    assert order.bill_to["line1"] == "2 Office Park"
    assert order.ship_to["line1"] == "500 Valencia St"


def test_pickup_needs_no_address_and_is_taxed_where_the_shop_is(client: ShopClient, ready: Ready) -> None:
    make_tax_rate("OR", "0.05")
    pickup = make_pickup()
    page = client.submit(client.get("/checkout/"), "#delivery-form", shipping_method=str(pickup.id))
    client.submit(page, "#review", source_token=CARD_OK, accept_terms="y")
    [order] = orders()
    assert order.is_pickup
    assert order.ship_to == {}
    assert order.tax_cents == Money(100)
    assert order.total_cents == Money(2100)


def test_an_empty_cart_goes_back_to_the_cart(client: ShopClient, ready: Ready) -> None:
    press(ready)
    assert client.get("/checkout/").headers["Location"] == "/cart"


def test_what_blocks_checkout_is_read_in_the_cart(client: ShopClient, ready: Ready) -> None:
    with transaction():
        db.session.execute(db.text("UPDATE stock SET available = 0, received = 0"))
    assert client.get("/checkout/").headers["Location"].startswith("/cart")


def test_the_delivery_and_review_pages_cost_at_most_fifteen_queries(
    client: ShopClient, ready: Ready, count_queries: Callable[..., object]
) -> None:
    client.get("/checkout/review")
    for path in ("/checkout/", "/checkout/review"):
        with count_queries() as queries:  # type: ignore[attr-defined]
            assert client.get(path).status_code == 200
        assert queries.count <= 15, str(queries)
        assert queries.writes == []


def test_the_confirmation_is_the_own_business_only(client: ShopClient, ready: Ready) -> None:
    number = press(ready).number
    stranger = make_user(business=make_business())
    sign_in(client, stranger)
    for path in (f"/checkout/done/{number}", f"/orders/{number}", f"/orders/{number}/print"):
        assert client.get(path).status_code == 404


def test_while_the_bank_is_silent_the_page_says_so_and_looks_again(
    client: ShopClient, ready: Ready, square: SquareServer
) -> None:
    from_review = review(client)
    break_next(square, "payments.create", "500")
    done = client.submit(from_review, "#review", source_token=CARD_OK, accept_terms="y")
    assert "waiting for your bank" in read_text(done)
    assert read_html(done).select_one("#outcome[hx-get]")
    assert client.get("/checkout/").headers["Location"].startswith("/orders")
