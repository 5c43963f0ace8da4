"""Pay by link: whoever holds it pays the order, once, and no cart or stock suffers for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from app.businesses.models import Business
from app.businesses.status import BusinessStatus
from app.carts.models import Cart, CartStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.cancel_order import cancel_order
from app.orders.models import Order
from app.orders.payment_method import PaymentMethod
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.payments.gateway import Declined
from app.payments.pay_links import (
    GOOD_FOR,
    LinkOver,
    LinkUnknown,
    make_pay_link,
    make_pay_path,
    read_pay_link,
)
from app.payments.settle_balance import settle_balance
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.money import Money
from app.shared.transaction import lock, transaction
from app.shop.models import CaptureRule
from sandbox.square import SquareServer
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_buyer, make_order, make_payment, make_shop, make_sku, make_staff
from tests.mailbox import Mails
from tests.placing import (
    CARD_DECLINED,
    CARD_OK,
    Ready,
    break_next,
    ledger,
    make_ready,
    press,
)

pytestmark = pytest.mark.usefixtures("square")
RunJobs = Callable[..., list[Kind]]
STAFF = Actor.system("staff")


def make_failed() -> tuple[Ready, Order]:
    """A buyer whose card was declined: the order waits, its cart is as it was."""
    ready = make_ready()
    with pytest.raises(Declined):
        press(ready, ready.command(CARD_DECLINED))
    return ready, db.session.scalars(db.select(Order).filter_by(user_id=ready.user_id)).one()


def make_invoice(status: OrderStatus = OrderStatus.SHIPPED, **values: object) -> Order:
    """$30.00 on terms, gone out and not paid."""
    make_shop()
    order = make_order(
        make_buyer(), {make_sku(): 3}, status=status, payment_method=PaymentMethod.TERMS, terms_days=30,
        **values,
    )  # fmt: skip
    make_payment(order, provider=PaymentMethod.TERMS.value, live_order_id=None, lapses_at=None)
    return order


def fresh(order: Order) -> Order:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Order, order.id)


def stock_of(ready: Ready) -> tuple[int, int]:
    db.session.rollback()
    db.session.expire_all()
    row = db.session.get_one(Stock, ready.sku.id)
    return row.available, row.reserved


# --- The link itself ---------------------------------------------------------------------------------------------


def test_a_link_names_its_order_for_thirty_days(app: Flask) -> None:
    link = make_pay_link(42)
    assert link.startswith(f"{app.extensions['settings'].site_url}/pay/")
    token = link.rpartition("/")[2]
    now = clock.now()
    assert read_pay_link(token, now + GOOD_FOR - timedelta(minutes=1)) == 42
    with pytest.raises(LinkOver):
        read_pay_link(token, now + GOOD_FOR + timedelta(minutes=1))


@pytest.mark.parametrize(
    "change", [lambda t: t[:-2], lambda t: "x" + t, lambda t: t.partition(".")[0], lambda t: "1"]
)
def test_a_link_that_was_changed_or_cut_short_is_unknown(app: Flask, change: Callable[[str], str]) -> None:
    with pytest.raises(LinkUnknown):
        read_pay_link(change(make_pay_path(42).rpartition("/")[2]), clock.now())


def test_a_bad_link_says_what_to_do(client: ShopClient) -> None:
    make_shop()
    answer = client.get("/pay/nothing.of-ours")
    assert answer.status_code == 404
    assert "copy the whole address" in read_text(answer)
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_an_old_link_says_what_to_do(client: ShopClient, monkeypatch: pytest.MonkeyPatch) -> None:
    order = make_invoice()
    monkeypatch.setattr("app.payments.pay_links.GOOD_FOR", timedelta(days=-1))
    answer = client.get(make_pay_path(order.id))
    assert answer.status_code == 410
    said = read_text(answer)
    assert "more than 30 days old" in said
    assert "we send a new link" in said
    assert order.number not in said


def test_the_page_is_for_who_has_the_link_alone(client: ShopClient) -> None:
    order = make_invoice()
    answer = client.get(make_pay_path(order.id))
    assert answer.status_code == 200
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"
    said = read_text(answer)
    assert order.number in said
    assert "Pay $30.00 by card" in said
    assert order.buyer_email not in said


# --- A failed order ----------------------------------------------------------------------------------------------


def test_a_failed_order_is_paid_by_somebody_who_has_the_link(
    client: ShopClient, run_jobs: RunJobs, mails: Mails, square: SquareServer
) -> None:
    ready, order = make_failed()
    page = client.get(make_pay_path(order.id))
    assert "The last card did not work" in read_text(page)
    answer = client.submit(page, "#pay-form", source_token=CARD_OK)
    assert "Your card is authorized" in read_text(answer)
    run_jobs()
    assert fresh(order).status is OrderStatus.PAID
    assert [each["status"] for each in ledger(square)] == ["FAILED", "COMPLETED"]
    assert stock_of(ready) == (98, 2)
    assert db.session.get_one(Cart, ready.cart.id).status is CartStatus.ORDERED
    assert "receipt" in mails.last_to(order.buyer_email).subject.lower()
    said = read_text(client.get(make_pay_path(order.id)))
    assert "This order is paid" in said
    assert "Visa ending 1111" in said


def test_a_cart_that_was_changed_since_stays_open_with_all_that_is_in_it(
    client: ShopClient, run_jobs: RunJobs
) -> None:
    ready, order = make_failed()
    sign_in(client, ready.buyer)
    before = db.session.get_one(Cart, ready.cart.id).version
    client.post("/cart/items", data={"sku_id": make_sku().id, "quantity": "1"})
    stranger = client.application.test_client()
    assert isinstance(stranger, ShopClient)
    stranger.submit(stranger.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    run_jobs()
    assert fresh(order).status is OrderStatus.PAID
    cart = db.session.get_one(Cart, ready.cart.id)
    assert (cart.status, cart.placing_order_id) == (CartStatus.OPEN, None)
    assert cart.version > before
    assert ready.sku.code in read_text(client.get("/cart"))


def test_a_refused_card_leaves_the_order_as_payable_as_before(
    client: ShopClient, square: SquareServer
) -> None:
    ready, order = make_failed()
    answer = client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_DECLINED)
    assert answer.status_code == 422
    assert "The bank declined this card" in read_text(answer)
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED
    assert stock_of(ready) == (100, 0)
    cart = db.session.get_one(Cart, ready.cart.id)
    assert (cart.status, cart.placing_order_id) == (CartStatus.OPEN, None)
    answer = client.submit(answer, "#pay-form", source_token=CARD_OK)
    assert "Your card is authorized" in read_text(answer)
    assert [each["status"] for each in ledger(square)].count("APPROVED") == 1


def test_pressing_again_or_in_another_tab_asks_no_second_card(
    client: ShopClient, square: SquareServer
) -> None:
    _, order = make_failed()
    path = make_pay_path(order.id)
    page, other_tab = client.get(path), client.get(path)
    for each in (page, page, other_tab):
        answer = client.submit(each, "#pay-form", source_token=CARD_OK)
        assert "Your card is authorized" in read_text(answer)
    assert [each["status"] for each in ledger(square)] == ["FAILED", "APPROVED"]


def test_a_second_press_after_a_refusal_is_answered_and_asks_no_card(
    client: ShopClient, square: SquareServer
) -> None:
    _, order = make_failed()
    page = client.get(make_pay_path(order.id))
    client.submit(page, "#pay-form", source_token=CARD_DECLINED)
    answer = client.submit(page, "#pay-form", source_token=CARD_OK)
    assert answer.status_code == 200
    assert "The last card did not work" in read_text(answer)
    assert len(ledger(square)) == 2


def test_goods_that_are_gone_are_named_and_nothing_is_asked(client: ShopClient, square: SquareServer) -> None:
    ready, order = make_failed()
    with transaction():
        row = db.session.get_one(Stock, ready.sku.id)
        row.available, row.received = 1, 1
    asked = len(square.office.calls())
    answer = client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    said = read_text(answer)
    assert answer.status_code == 422
    assert "We no longer have enough of" in said
    assert "Nothing was charged" in said
    assert (fresh(order).status, stock_of(ready)) == (OrderStatus.PAYMENT_FAILED, (1, 0))
    assert len(square.office.calls()) == asked


def test_a_business_that_may_not_order_cannot_have_a_failed_order_paid(
    client: ShopClient, square: SquareServer
) -> None:
    ready, order = make_failed()
    with transaction():
        lock(Business, ready.business_id).status = BusinessStatus.SUSPENDED
    answer = client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    assert "Ordering is closed for this business" in read_text(answer)
    assert fresh(order).status is OrderStatus.PAYMENT_FAILED
    assert len(ledger(square)) == 1


def test_a_cancelled_order_says_so_and_takes_no_money(client: ShopClient, square: SquareServer) -> None:
    _, order = make_failed()
    page = client.get(make_pay_path(order.id))
    cancel_order(order.id, actor=STAFF, now=clock.now(), reason="Left alone")
    answer = client.submit(page, "#pay-form", source_token=CARD_OK)
    assert "This order was cancelled" in read_text(answer)
    assert len(ledger(square)) == 1


def test_an_answer_that_never_comes_is_told_honestly_and_settle_heals_it(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    _, order = make_failed()
    break_next(square, "payments.create", "500", "after")
    answer = client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    said = read_text(answer)
    assert "We are waiting for your bank" in said
    assert "do not pay again" in said
    run_jobs(ahead=timedelta(minutes=3))
    assert fresh(order).status is OrderStatus.PAID
    assert "This order is paid" in read_text(client.get(make_pay_path(order.id)))


def test_without_a_card_or_a_form_token_nothing_happens(client: ShopClient, square: SquareServer) -> None:
    order = make_invoice()
    path = make_pay_path(order.id)
    answer = client.submit(client.get(path), "#pay-form", source_token="")
    assert answer.status_code == 422
    assert "Enter the card to pay with" in read_text(answer)
    assert client.post(path, data={"source_token": CARD_OK}, csrf=False).status_code == 400
    assert ledger(square) == []


# --- An open invoice ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rule", CaptureRule)
def test_an_invoice_is_paid_by_card_at_once_whatever_the_capture_rule(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer, rule: CaptureRule
) -> None:
    order = make_invoice()
    _set_rule(rule)
    client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    run_jobs()
    paid = fresh(order)
    assert (paid.status, paid.paid_at is not None) == (OrderStatus.SHIPPED, True)
    [theirs] = ledger(square)
    assert (theirs["status"], theirs["total_money"]["amount"]) == ("COMPLETED", 3000)
    assert "This order is paid" in read_text(client.get(make_pay_path(order.id)))


def test_of_an_invoice_that_is_partly_paid_only_the_rest_is_charged(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    order = make_invoice()
    make_payment(
        order, PaymentStatus.CAPTURED, provider="check", live_order_id=None, amount_cents=Money(1000),
        receipt_reference="check 77",
    )  # fmt: skip
    page = client.get(make_pay_path(order.id))
    assert "Pay $20.00 by card" in read_text(page)
    client.submit(page, "#pay-form", source_token=CARD_OK)
    run_jobs()
    assert [each["total_money"]["amount"] for each in ledger(square)] == [2000]
    assert fresh(order).paid_at is not None


def test_a_check_that_came_in_while_the_page_was_open_changes_what_is_asked(
    client: ShopClient, square: SquareServer
) -> None:
    order = make_invoice()
    page = client.get(make_pay_path(order.id))
    make_payment(
        order, PaymentStatus.CAPTURED, provider="check", live_order_id=None, amount_cents=Money(1000)
    )
    answer = client.submit(page, "#pay-form", source_token=CARD_OK)
    assert "Pay $20.00 by card" in read_text(answer)
    assert ledger(square) == []


def test_a_check_that_came_in_while_the_bank_was_thinking_frees_the_hold(
    client: ShopClient, run_jobs: RunJobs, square: SquareServer
) -> None:
    order = make_invoice()
    break_next(square, "payments.create", "500", "after")
    client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    make_payment(
        order, PaymentStatus.CAPTURED, provider="check", live_order_id=None, amount_cents=Money(3000)
    )
    with transaction():
        settle_balance(lock(Order, order.id), actor=STAFF, now=clock.now())
    run_jobs(ahead=timedelta(minutes=3))
    run_jobs(ahead=timedelta(minutes=3))
    assert [each["status"] for each in ledger(square)] == ["CANCELED"]
    assert fresh(order).paid_at is not None


def test_a_refused_card_leaves_an_invoice_as_it_was(client: ShopClient) -> None:
    order = make_invoice()
    answer = client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_DECLINED)
    assert answer.status_code == 422
    after = fresh(order)
    assert (after.status, after.paid_at) == (OrderStatus.SHIPPED, None)


def test_an_invoice_whose_card_was_never_heard_of_can_be_paid_again_and_the_buyer_is_told(
    client: ShopClient, run_jobs: RunJobs, mails: Mails, square: SquareServer
) -> None:
    order = make_invoice()
    break_next(square, "payments.create", "500", "before")
    client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    run_jobs(ahead=timedelta(minutes=3))
    assert fresh(order).status is OrderStatus.SHIPPED
    assert "/pay/" in mails.last_to(order.buyer_email).text
    answer = client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    assert "Your card is authorized" in read_text(answer)


def test_a_suspended_business_can_still_pay_what_it_owes(client: ShopClient, run_jobs: RunJobs) -> None:
    order = make_invoice()
    with transaction():
        lock(Business, order.business_id).status = BusinessStatus.SUSPENDED
    client.submit(client.get(make_pay_path(order.id)), "#pay-form", source_token=CARD_OK)
    run_jobs()
    assert fresh(order).paid_at is not None


# --- Where the link is found -------------------------------------------------------------------------------------


def test_the_mail_about_a_failed_payment_has_the_link_and_the_ledger_does_not(
    run_jobs: RunJobs, mails: Mails, square: SquareServer, client: ShopClient
) -> None:
    ready = make_ready()
    break_next(square, "payments.create", "500", "before")
    order = press(ready)
    run_jobs(ahead=timedelta(minutes=3))
    mail = mails.last_to(order.buyer_email)
    [link] = [word for word in mail.text.split() if "/pay/" in word]
    assert "Pay $35.00 by card" in read_text(client.get("/pay/" + link.rpartition("/")[2]))
    kept = db.session.execute(db.text("SELECT text FROM mails")).scalars().all()
    assert not any(link in each for each in kept)


def test_the_buyers_order_page_leads_to_it(client: ShopClient) -> None:
    ready, order = make_failed()
    sign_in(client, ready.buyer)
    [link] = [
        str(each["href"])
        for each in read_html(client.get(f"/orders/{order.number}")).select('a[href^="/pay/"]')
    ]
    assert "Pay $35.00 by card" in read_text(client.get(link))


def test_staff_send_a_link_and_it_is_noted_who_did(
    client: ShopClient, run_jobs: RunJobs, mails: Mails
) -> None:
    order = make_invoice()
    staff = make_staff()
    sign_in(client, staff)
    page = client.get(f"/admin/orders/details/?id={order.id}")
    shown = str(read_html(page).select_one("#pay-link")["value"])  # type: ignore[index]
    assert f"Pay order {order.number}" in client.get("/pay/" + shown.rpartition("/")[2]).get_data(
        as_text=True
    )
    client.submit(page, "#pay_link form")
    run_jobs()
    mail = mails.last_to(order.buyer_email)
    assert "$30.00" in mail.text
    assert "/pay/" in mail.text
    [noted] = [each for each in list_history("order", order.id) if each.event == "payment_link_sent"]
    assert noted.actor_id == staff.id


def test_there_is_no_link_to_send_for_an_order_that_is_paid(client: ShopClient) -> None:
    make_shop()
    order = make_order(make_buyer(), status=OrderStatus.PAID)
    make_payment(order, PaymentStatus.CAPTURED)
    sign_in(client, make_staff())
    assert read_html(client.get(f"/admin/orders/details/?id={order.id}")).select("#pay-link") == []
    answer = client.post("/admin/orders/pay-link", data={"id": order.id}, follow_redirects=True)
    assert "There is nothing to pay by link now" in read_text(answer)
    assert [each.event for each in list_history("order", order.id)] == []


def _set_rule(rule: CaptureRule) -> None:
    with transaction():
        db.session.execute(db.text("UPDATE shop_facts SET capture_rule = :rule"), {"rule": rule.value})
