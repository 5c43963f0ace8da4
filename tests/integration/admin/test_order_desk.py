"""The order desk: finding an order, seeing all of it, moving it on."""

from __future__ import annotations

import pytest

from app.accounts.permissions import Role
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.status import PaymentStatus
from app.shared.history import list_history
from app.shared.money import Money
from tests.client import read_html, read_text
from tests.factories import make_buyer, make_order, make_payment, make_product, make_sku

DESK = "/admin/orders"


def status_of(order: Order) -> OrderStatus:
    db.session.rollback()
    return db.session.scalars(db.select(Order.status).where(Order.id == order.id)).one()


def posted_kinds() -> list[Kind]:
    return list(db.session.scalars(db.select(OutboxRow.kind).order_by(OutboxRow.id)))


@pytest.fixture
def order(app):
    sku = make_sku(make_product("Lavender soap"), price=Money(340), code="HP-1204")
    order = make_order(make_buyer(), {sku: 12}, status=OrderStatus.PAID, number="HP-1042", po_number="PO-77")
    make_payment(order, PaymentStatus.CAPTURED)
    return order


@pytest.mark.parametrize("words", ["HP-1042", "PO-77", "palmer", "hp-10"])
def test_an_order_is_found_by_number_po_and_business(desk, order, words):
    make_order(make_buyer(), number="T-9999", business_name="Someone Else")
    page = read_text(desk.get(f"{DESK}/", query_string={"search": words}))
    assert "HP-1042" in page
    assert "T-9999" not in page


def test_an_orders_page_shows_lines_money_and_one_timeline(desk, order):
    page = read_text(desk.get(f"{DESK}/details/?id={order.id}"))
    for words in (
        "Lavender soap",
        "HP-1204",
        "$40.80",
        "PO number PO-77",
        "Visa ending 1111",
        "Nothing in this order is taxable",
    ):
        assert words in page


def test_who_may_not_see_payments_sees_the_order_without_them(desk_of, order):
    page = read_text(desk_of(Role.FULFILMENT).get(f"{DESK}/details/?id={order.id}"))
    assert "Lavender soap" in page
    assert "Visa ending" not in page
    assert "Refund" not in page


def test_an_order_is_prepared_shipped_and_delivered(desk_of, order):
    desk = desk_of(Role.FULFILMENT)
    page = desk.submit(desk.get(f"{DESK}/details/?id={order.id}"), "form[action$='/start']")
    assert status_of(order) is OrderStatus.PROCESSING
    page = desk.submit(page, "form[action$='/ship']", carrier="UPS", tracking_number="1Z999")
    assert status_of(order) is OrderStatus.SHIPPED
    assert "1Z999" in read_text(page)
    desk.submit(page, "form[action$='/delivered']")
    assert status_of(order) is OrderStatus.DELIVERED
    sku_id = db.session.scalars(db.select(Stock.sku_id)).first()
    stock = db.session.get(Stock, sku_id)
    assert (stock.available, stock.reserved, stock.shipped) == (88, 0, 12)
    assert [entry.event for entry in list_history("order", order.id)] == [
        "processing",
        "shipped",
        "delivered",
    ]


def test_goods_do_not_leave_without_a_carrier(desk, order):
    desk.post(f"{DESK}/start", data={"id": order.id})
    answer = desk.post(f"{DESK}/ship", data={"id": order.id, "carrier": " "}, follow_redirects=True)
    assert "Enter the carrier" in read_text(answer)
    assert status_of(order) is OrderStatus.PROCESSING


def test_a_move_that_is_not_allowed_is_refused_in_words(desk, order):
    answer = desk.post(f"{DESK}/delivered", data={"id": order.id}, follow_redirects=True)
    assert "This is paid now, so it cannot become delivered." in read_text(answer)
    assert status_of(order) is OrderStatus.PAID


def test_cancelling_says_what_it_does_and_waits_for_a_yes(desk, order):
    page = desk.get(f"{DESK}/details/?id={order.id}")
    form = read_html(page).select_one("form[action$='/cancel']")
    assert form["data-confirm"] == "Cancel order HP-1042?"
    asked = desk.submit(page, "form[action$='/cancel']", reason="Out of wax")
    assert "Palmer Goods, $40.80" in read_text(asked)
    assert status_of(order) is OrderStatus.PAID
    desk.submit(asked, "form.confirm-page")
    assert status_of(order) is OrderStatus.CANCELLED
    assert list_history("order", order.id)[0].reason == "Out of wax"
    assert Kind.PAYMENT_RELEASE in posted_kinds()


def test_a_big_order_is_cancelled_only_with_its_number_typed(desk):
    order = make_order(
        make_buyer(), {make_sku(price=Money(200_000)): 1}, status=OrderStatus.PAID, number="HP-9"
    )
    page = desk.get(f"{DESK}/details/?id={order.id}")
    assert not read_html(page).select_one("form[action$='/cancel']").has_attr("data-confirm")
    asked = desk.submit(page, "form[action$='/cancel']", reason="Fraud")
    wrong = desk.submit(asked, "form.confirm-page", typed="HP-8")
    assert wrong.status_code == 422
    assert "That is not HP-9. Nothing was done yet." in read_text(wrong)
    assert status_of(order) is OrderStatus.PAID
    desk.submit(wrong, "form.confirm-page", typed="hp-9")
    assert status_of(order) is OrderStatus.CANCELLED


def test_buttons_follow_the_role(desk_of, order):
    support = read_html(desk_of(Role.SUPPORT).get(f"{DESK}/details/?id={order.id}"))
    assert not support.select("form[action$='/start'], a[href*='/refund']")
    assert support.select("form[action$='/cancel']")
    finance = read_html(desk_of(Role.FINANCE).get(f"{DESK}/details/?id={order.id}"))
    assert finance.select("a[href*='/refund']")
    assert not finance.select("form[action$='/start']")


def test_the_list_to_prepare_and_ship_holds_exactly_those(desk):
    buyer = make_buyer()
    for status in OrderStatus:
        make_order(buyer, status=status, number=f"N-{status.value}")
    page = read_html(desk.get(f"{DESK}/?show=to_ship"))
    assert {cell.get_text(strip=True) for cell in page.select(".cell-first")} == {"N-paid", "N-processing"}


def test_a_longer_list_asks_the_database_no_more(desk, count_queries):
    def ask() -> int:
        with count_queries() as queries:
            assert desk.get(f"{DESK}/").status_code == 200
        return queries.count

    make_order(make_buyer())
    ask()
    few = ask()
    for _ in range(5):
        make_order(make_buyer())
    assert ask() == few <= 8
