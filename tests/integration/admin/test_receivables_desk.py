"""The desk's pages about money without a card: what is owed, receipts, limits, and what a cancelled order leaves."""

from __future__ import annotations

import csv
import io

import pytest

from app.accounts.permissions import Role
from app.businesses.models import Business, CustomerGroup
from app.extensions import db
from app.orders.cancel_order import cancel_order
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.models import Payment
from app.payments.queries import balance
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.money import ZERO, Money
from tests.client import read_html, read_text
from tests.factories import make_buyer, make_order, make_sku
from tests.on_account import STAFF, fall_due, fresh, make_account, place, receive, send_out
from tests.placing import Ready


@pytest.fixture
def ready(app) -> Ready:
    return make_account(sku=make_sku(price=Money(1000)), limit=Money(100_000))


@pytest.fixture
def order(ready, square) -> Order:
    return place(ready)


def details(order: Order) -> str:
    return f"/admin/orders/details/?id={order.id}"


def test_staff_record_a_check_and_the_rest_stays_open(desk, order):
    form = desk.get(f"/admin/orders/receive?id={order.id}")
    assert "$35.00 of $35.00 is open" in read_text(form)
    page = desk.submit(form, "form.desk-form", amount="20", by="check", reference="1042")
    assert "$20.00 was recorded" in read_text(page)
    assert "Check 1042" in read_text(page)
    assert balance(fresh(order)) == Money(1500)


def test_too_much_is_refused_beside_the_field_and_nothing_typed_is_lost(desk, order):
    form = desk.get(f"/admin/orders/receive?id={order.id}")
    page = desk.submit(form, "form.desk-form", amount="35.01", by="ach", reference="FED-9")
    assert page.status_code == 422
    html = read_html(page)
    assert "Only $35.00 is open" in html.select_one("#amount-error").get_text()
    assert html.select_one("#reference")["value"] == "FED-9"
    assert html.select_one("#by option[selected]")["value"] == "ach"
    assert balance(fresh(order)) == Money(3500)


@pytest.mark.parametrize(
    ("field", "typed"), [("amount", "much"), ("amount", "-5"), ("received_on", "soon"), ("by", "barter")]
)
def test_what_is_no_receipt_is_refused_in_words(desk, order, field, typed):
    form = desk.get(f"/admin/orders/receive?id={order.id}")
    page = desk.submit(form, "form.desk-form", **{field: typed})
    assert page.status_code == 422
    assert read_html(page).select_one(f"#{field}-error")


def test_a_receipt_is_taken_back_after_being_asked(desk, order):
    receive(order, Money(3500))
    page = desk.submit(desk.get(details(order)), "form[action*=withdraw]", reason="Wrong business")
    assert "Take back $35.00 by check 1042?" in read_text(page)
    page = desk.submit(page, "main form")
    assert "owed again" in read_text(page)
    assert balance(fresh(order)) == Money(3500)
    assert "Recorded by mistake: Wrong business" in read_text(page)


def test_an_order_on_terms_is_prepared_before_it_is_paid(desk, order):
    listed = desk.get("/admin/orders/", query_string={"show": "to_ship"})
    assert order.number in read_text(listed)
    assert "On terms" in read_text(listed)
    page = desk.submit(desk.get(details(order)), "form[action$=start]")
    assert "in preparation" in read_text(page)
    assert fresh(order).status is OrderStatus.PROCESSING


def test_a_held_card_waits_for_its_capture_where_the_shop_charges_at_once(desk, order):
    held = make_order(make_buyer(), number="T-77", status=OrderStatus.PAYMENT_PENDING)
    page = read_text(desk.get("/admin/orders/", query_string={"show": "to_ship"}))
    assert held.number not in page


def test_the_ageing_list_sums_each_business_and_names_every_invoice(desk, order, ready):
    fall_due(send_out(order), 45)
    page = desk.get("/admin/receivables/")
    row = read_html(page).select_one("tbody tr")
    cells = [cell.get_text(strip=True) for cell in row.select("td")]
    assert cells == ["–", "–", "$35.00", "–", "–", "$35.00", "$1,000.00", "$965.00"]
    text = read_text(page)
    assert "INV-1001" in text
    assert "45 days" in text


def test_the_rail_counts_what_is_overdue(desk, order):
    fall_due(send_out(order), 1)
    link = read_html(desk.get("/admin/")).select_one("a[href='/admin/receivables/']")
    assert "1" in link.get_text()


@pytest.mark.parametrize(
    ("asked", "is_there"),
    [
        ({"age": "overdue"}, False),
        ({"age": "not_yet_due"}, True),
        ({"find": "palmer"}, True),
        ({"find": "zebra"}, False),
        ({"age": "x"}, True),
    ],
)
def test_the_list_is_narrowed_by_age_and_words(desk, order, asked, is_there):
    assert (order.number in read_text(desk.get("/admin/receivables/", query_string=asked))) is is_there


def test_the_export_holds_what_the_list_shows(desk, order):
    fall_due(send_out(order), 3)
    rows = list(csv.DictReader(io.StringIO(desk.get("/admin/receivables/export").get_data(as_text=True))))
    [row] = rows
    assert (row["Invoice"], row["Open"], row["Days overdue"], row["Age"]) == (
        "INV-1001",
        "35.00",
        "3",
        "1–30 days",
    )


def test_a_shop_without_terms_reads_what_the_page_is_for(desk):
    assert "Nothing is owed." in read_text(desk.get("/admin/receivables/"))


def test_the_list_is_one_query_however_many_orders(desk, order, ready, count_queries):
    desk.get("/admin/receivables/")  # reads what every page shows, which is kept
    with count_queries() as few:
        desk.get("/admin/receivables/")
    for number in range(3):
        make_order(ready.buyer, number=f"T-{number}", payment_method=order.payment_method)
    with count_queries() as many:
        desk.get("/admin/receivables/")
    assert few.count == many.count


def test_an_invoice_is_sent_again(desk, order):
    send_out(order)
    desk.submit(desk.get("/admin/receivables/"), "form[action*=send-invoice]")
    rows = db.session.scalars(db.select(OutboxRow).where(OutboxRow.kind == Kind.MAIL_INVOICE))
    assert [row.ids for row in rows] == [{"order_id": order.id}] * 2


def test_a_check_for_a_cancelled_order_waits_for_a_person_until_it_is_refunded(desk, order, run_jobs):
    receipt = receive(order, Money(3500))
    asked = desk.submit(desk.get(details(order)), "form[action$='/cancel']", reason="Out of season")
    assert "$35.00 came by check, transfer or cash" in read_text(asked)
    desk.submit(asked, "main form")
    run_jobs()
    waiting = {"show": "needs_person"}
    assert order.number in read_text(desk.get("/admin/payments/", query_string=waiting))
    form = desk.get(f"/admin/orders/refund?id={order.id}")
    asked = desk.submit(form, "main form", kind="whole", reason="Check sent back")
    assert "$35.00" in read_text(asked)
    desk.submit(asked, "main form")
    run_jobs()
    assert order.number not in read_text(desk.get("/admin/payments/", query_string=waiting))
    assert db.session.get_one(Payment, receipt.id).status is PaymentStatus.CAPTURED


def test_a_promise_offers_no_capture(desk, order):
    [promise] = db.session.scalars(db.select(Payment).filter_by(order_id=order.id))
    assert "Capture now" not in read_text(desk.get(f"/admin/payments/details/?id={promise.id}"))


def test_finance_gives_a_business_a_limit_of_its_own(desk_of, ready):
    finance = desk_of(Role.FINANCE)
    where = f"/admin/businesses/details/?id={ready.business_id}"
    page = finance.submit(finance.get(where), "#credit-form", limit="2,500")
    assert "The credit limit is saved." in read_text(page)
    assert "$0.00 of $2,500.00 is open" in read_text(page)
    page = finance.submit(page, "#credit-form", limit="lots")
    assert "Enter the limit in dollars" in read_text(page)
    page = finance.submit(page, "#credit-form", limit="")
    assert "$0.00 of $1,000.00 is open" in read_text(page)
    assert db.session.get_one(Business, ready.business_id).credit_limit_cents is None


def test_the_owner_sets_a_groups_terms_and_limit(desk, ready):
    business = db.session.get_one(Business, ready.business_id)
    form = desk.get(f"/admin/groups/edit/?id={business.group_id}")
    desk.submit(form, "form.desk-form", net_terms_days="45", credit_limit_cents="5000")
    group = db.session.get_one(CustomerGroup, business.group_id, populate_existing=True)
    assert (group.net_terms_days, group.credit_limit_cents) == (45, Money(500_000))


def test_a_cancelled_order_shows_nothing_as_owed(desk, order):
    cancel_order(order.id, actor=STAFF, now=clock.now(), reason="No")
    assert read_html(desk.get(details(order))).select_one(
        "#owed-title + dl .sums__total dd"
    ).get_text() == str(ZERO)
