"""What a buyer sees of paying without a card: the ways at checkout, the order, the invoices."""

from __future__ import annotations

import pytest

from app.extensions import db
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.status import OrderStatus
from app.shared.money import Money
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_sku, make_text_page
from tests.on_account import fall_due, make_account, make_collector, place, receive, send_out
from tests.placing import CARD_OK, Ready, make_ready

pytestmark = pytest.mark.usefixtures("app", "square")


def orders() -> list[Order]:
    db.session.rollback()
    return list(db.session.scalars(db.select(Order).order_by(Order.id)))


def enter(client: ShopClient, ready: Ready) -> Ready:
    make_text_page()
    sign_in(client, ready.buyer)
    return ready


def test_a_buyer_with_terms_orders_on_account_without_a_card(client: ShopClient) -> None:
    enter(client, make_account(limit=Money(100_000)))
    page = client.get("/checkout/review")
    text = read_text(page)
    assert "Net 30 on account" in text
    assert "$0.00 of your $1,000.00 limit is open; $1,000.00 is left." in text
    assert "Cash or check on pickup" not in text

    done = client.submit(page, "#review", payment_method="terms", source_token=None, accept_terms="y")
    [order] = orders()
    assert order.payment_method is PaymentMethod.TERMS
    assert "due 30 days later" in read_text(done)
    assert "hx-trigger" not in done.get_data(as_text=True).partition('id="outcome"')[2].partition(">")[0]
    page = read_text(client.get(f"/orders/{order.number}"))
    assert "On terms" in page
    assert "Still open" in page
    assert "Card authorized" not in page


def test_who_collects_may_pay_then(client: ShopClient) -> None:
    enter(client, make_collector())
    page = client.get("/checkout/review")
    done = client.submit(page, "#review", payment_method="on_pickup", source_token=None, accept_terms="y")
    assert "in cash or by check when you collect it" in read_text(done)
    assert [each.payment_method for each in orders()] == [PaymentMethod.ON_PICKUP]


def test_without_terms_there_is_only_the_card(client: ShopClient) -> None:
    enter(client, make_ready())
    page = client.get("/checkout/review")
    assert not read_html(page).select("input[name=payment_method]")
    done = client.submit(page, "#review", source_token=CARD_OK, accept_terms="y")
    assert "Thank you" in read_text(done)


@pytest.mark.parametrize("forged", ["terms", "on_pickup", "check", "barter"])
def test_a_forged_way_to_pay_is_refused_beside_the_choice(client: ShopClient, forged: str) -> None:
    enter(client, make_ready())
    form = read_html(client.get("/checkout/review")).select_one("#review")
    assert form is not None
    sent = {
        name: str(form.select_one(f"[name={name}]")["value"]) for name in ("checkout_token", "shown_total")
    }  # type: ignore[index]
    page = client.post("/checkout/place", data={**sent, "payment_method": forged, "accept_terms": "y"})
    assert page.status_code == 422
    assert read_html(page).select_one("#payment_method-error")
    assert orders() == []


def test_a_full_account_says_so_and_the_card_still_works(client: ShopClient) -> None:
    enter(client, make_account(limit=Money(1000)))
    page = client.get("/checkout/review")
    html = read_html(page)
    assert html.select_one("input[value=terms][disabled]")
    assert "does not fit into your credit limit of $10.00" in read_text(page)
    refused = client.submit(page, "#review", payment_method="terms", source_token=None, accept_terms="y")
    assert refused.status_code == 422
    assert "does not fit" in read_html(refused).select_one(".error-summary").get_text()  # type: ignore[union-attr]
    done = client.submit(refused, "#review", payment_method="square", source_token=CARD_OK)
    assert "Thank you" in read_text(done)


def test_the_card_chosen_needs_a_card(client: ShopClient) -> None:
    enter(client, make_account())
    page = client.submit(client.get("/checkout/review"), "#review", source_token="", accept_terms="y")
    assert page.status_code == 422
    assert "Enter the card to pay with." in read_text(page)


def test_a_failed_card_may_be_followed_by_an_order_on_account(client: ShopClient) -> None:
    enter(client, make_account())
    page = client.get("/checkout/review")
    declined = client.submit(page, "#review", source_token="cnon:card-nonce-declined", accept_terms="y")
    client.submit(declined, "#review", payment_method="terms", source_token=None)
    assert [(each.status, each.payment_method) for each in orders()] == [
        (OrderStatus.PAYMENT_PENDING, PaymentMethod.TERMS)
    ]


def test_the_invoices_page_shows_what_is_open_until_when_and_what_is_left(client: ShopClient) -> None:
    ready = enter(client, make_account(limit=Money(10_000)))
    order = send_out(place(ready))
    receive(order, Money(1500))
    fall_due(order, 12)
    text = read_text(client.get("/orders/invoices"))
    for words in ("INV-1001", "12 days overdue", "$20.00", "Net 30 days", "$80.00", "Pay by card"):
        assert words in text
    printed = read_text(client.get(f"/orders/{order.number}/print"))
    for words in ("Invoice INV-1001", "Net 30 on account", "Check 1042", "$20.00 open"):
        assert words in printed


def test_a_paid_invoice_moves_to_the_paid_ones(client: ShopClient) -> None:
    ready = enter(client, make_account())
    receive(send_out(place(ready)), Money(3500))
    html = read_html(client.get("/orders/invoices"))
    assert html.select_one("#paid-title")
    assert not html.select_one("#open-title")


def test_nobody_sees_another_businesses_invoices(client: ShopClient) -> None:
    send_out(place(make_account()))
    enter(client, make_ready(sku=make_sku()))
    text = read_text(client.get("/orders/invoices"))
    assert "INV-1001" not in text
    assert "Your orders are paid by card" in text
