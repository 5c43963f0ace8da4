"""The desk's pages about less: refunds with their sum before they are sent, lines that cannot ship, the shelf."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.accounts.permissions import Role
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderLine
from app.orders.status import OrderStatus
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.payments.models import Payment, Refund, RefundLine
from app.payments.status import PaymentStatus, RefundKind, RefundStatus
from app.shared import clock
from app.shared.history import Actor
from app.shared.money import ZERO, Money
from app.shared.transaction import transaction
from tests.client import ShopClient, read_html, read_text
from tests.factories import make_buyer, make_order, make_payment, make_product, make_sku

DESK = "/admin/orders"
DeskOf = Callable[[Role], ShopClient]
FORM = "form.form--wide"


@pytest.fixture
def order(app) -> Order:
    soap = make_sku(make_product("Lavender soap"), price=Money(340), code="HP-1204")
    tea = make_sku(make_product("Mint tea"), price=Money(455), code="HP-1300")
    order = make_order(make_buyer(), {soap: 12, tea: 6}, status=OrderStatus.PAID, number="HP-1042")
    make_payment(order, PaymentStatus.CAPTURED)
    return order


def move(order: Order, status: OrderStatus) -> None:
    with transaction():
        row = db.session.get_one(Order, order.id)
        for each in (OrderStatus.PROCESSING, OrderStatus.SHIPPED):
            if row.status is not status:
                row.move_to(each, actor=Actor.system("test"), at=clock.now())


def line_ids(order: Order) -> list[int]:
    db.session.rollback()
    query = db.select(OrderLine.id).filter_by(order_id=order.id).order_by(OrderLine.position)
    return list(db.session.scalars(query))


def the_refund() -> Refund:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(db.select(Refund)).one()


def test_a_refund_by_line_shows_its_sum_and_waits_for_a_yes(desk, order):
    soap, tea = line_ids(order)
    page = desk.get(f"{DESK}/refund?id={order.id}")
    asked = desk.submit(page, FORM, **{f"units_{soap}": "5", f"units_{tea}": "1"}, reason="Broken jars")
    words = read_text(asked)
    assert "Refund $21.55 for order HP-1042?" in words
    assert "Palmer Goods gets $21.55 back to the card (Visa ending 1111)" in words
    assert "5 × Lavender soap $17.00, 1 × Mint tea $4.55" in words
    assert list(db.session.scalars(db.select(Refund))) == []
    done = desk.submit(asked, "form.confirm-page")
    assert "The refund of $21.55 is on its way." in read_text(done)
    refund = the_refund()
    assert (refund.kind, refund.amount_cents, refund.reason) == (RefundKind.LINES, Money(2155), "Broken jars")


def test_an_amount_and_the_whole_rest(desk, order):
    page = desk.get(f"{DESK}/refund?id={order.id}")
    asked = desk.submit(page, FORM, kind="amount", amount="10.00", reason="Goodwill")
    desk.submit(asked, "form.confirm-page")
    page = desk.get(f"{DESK}/refund?id={order.id}")
    asked = desk.submit(page, FORM, kind="whole", reason="All of it")
    assert "Refund $58.10 for order HP-1042?" in read_text(asked)
    desk.submit(asked, "form.confirm-page")
    db.session.rollback()
    assert [each.amount_cents for each in db.session.scalars(db.select(Refund).order_by(Refund.id))] == [
        Money(1000),
        Money(5810),
    ]
    again = desk.get(f"{DESK}/refund?id={order.id}", follow_redirects=True)
    assert "There is no money that could be given back" in read_text(again)


def test_a_sum_that_changed_under_the_question_is_asked_again(desk, order):
    page = desk.get(f"{DESK}/refund?id={order.id}")
    asked = desk.submit(page, FORM, kind="whole", reason="All of it")
    first = desk.submit(
        desk.get(f"{DESK}/refund?id={order.id}"), FORM, kind="amount", amount="10", reason="Goodwill"
    )
    desk.submit(first, "form.confirm-page")
    late = desk.submit(asked, "form.confirm-page")
    assert late.status_code == 409
    assert "It would be $58.10 now, not $68.10" in read_text(late)
    assert the_refund().amount_cents == Money(1000)


def test_from_a_thousand_dollars_the_number_is_typed(desk, app):
    order = make_order(
        make_buyer(), {make_sku(price=Money(200_000)): 1}, status=OrderStatus.PAID, number="HP-9"
    )
    make_payment(order, PaymentStatus.CAPTURED)
    asked = desk.submit(desk.get(f"{DESK}/refund?id={order.id}"), FORM, kind="whole", reason="Fraud")
    wrong = desk.submit(asked, "form.confirm-page", typed="HP-8")
    assert wrong.status_code == 422
    assert list(db.session.scalars(db.select(Refund))) == []
    desk.submit(wrong, "form.confirm-page", typed="hp-9")
    assert the_refund().amount_cents == Money(200_000)


def test_nothing_typed_is_lost_when_something_is_wrong(desk, order):
    soap, _ = line_ids(order)
    page = desk.get(f"{DESK}/refund?id={order.id}")
    wrong = desk.submit(page, FORM, **{f"units_{soap}": "13"}, reason="Broken jars")
    assert wrong.status_code == 409
    assert "Only 12 of Lavender soap can still be refunded." in read_text(wrong)
    assert read_html(wrong).select_one(f"#units_{soap}")["value"] == "13"
    assert read_html(wrong).select_one(f"#units_{soap}-error")
    wrong = desk.submit(page, FORM, **{f"units_{soap}": "five"}, reason="Broken jars")
    assert wrong.status_code == 422
    assert read_html(wrong).select_one("#reason")["value"] == "Broken jars"
    assert read_html(wrong).select_one(f"#units_{soap}-error")
    wrong = desk.submit(page, FORM, **{f"units_{soap}": "5"}, reason=" ")
    assert read_html(wrong).select_one("#reason-error")


def test_which_payment_it_goes_back_to_is_chosen(desk, order):
    check = make_payment(
        order, PaymentStatus.CAPTURED, provider="check", live_order_id=None, amount_cents=Money(2000)
    )
    check_id = check.id
    page = desk.get(f"{DESK}/refund?id={order.id}")
    assert "By check: $20.00 left of $20.00" in read_text(page)
    asked = desk.submit(page, FORM, payment=str(check_id), kind="whole", reason="Paid twice")
    assert "$20.00 back by check" in read_text(asked)
    desk.submit(asked, "form.confirm-page")
    assert the_refund().payment_id == check_id


def test_units_come_back_on_the_shelf_at_once_or_later(desk, desk_of: DeskOf, order):
    soap, tea = line_ids(order)
    desk.post(f"{DESK}/start", data={"id": order.id})
    desk.post(f"{DESK}/ship", data={"id": order.id, "carrier": "UPS"})
    page = desk.get(f"{DESK}/refund?id={order.id}")
    asked = desk.submit(
        page, FORM, **{f"units_{soap}": "5", f"shelf_{soap}": "2", f"units_{tea}": "1"}, reason="Sent back"
    )
    assert "2 units go back on the shelf." in read_text(asked)
    desk.submit(asked, "form.confirm-page")
    packer = desk_of(Role.FULFILMENT)
    page = packer.get(f"{DESK}/details/?id={order.id}")
    assert "Lavender soap, of 3" in read_text(page)
    packer.submit(page, "form[action$='/refund/shelf']", units="3")
    db.session.rollback()
    line = db.session.get_one(OrderLine, soap)
    stock = db.session.get_one(Stock, line.sku_id)
    assert (stock.available, stock.shipped) == (93, 7)
    assert "Lavender soap, of" not in read_text(packer.get(f"{DESK}/details/?id={order.id}"))


def test_before_the_goods_leave_there_is_no_shelf_to_put_them_on(desk, order):
    page = read_html(desk.get(f"{DESK}/refund?id={order.id}"))
    assert not page.select("input[name^='shelf_']")


def _let_a_refund_fail(order):
    with transaction():
        payment = db.session.scalars(db.select(Payment)).one()
        refund = Refund(
            payment_id=payment.id, order_id=order.id, kind=RefundKind.AMOUNT, amount_cents=Money(1000), tax_cents=ZERO,
            shipping_cents=ZERO, reason="Goodwill", idempotency_key="key-1", created_at=clock.now(),
        )  # fmt: skip
        db.session.add(refund)
        db.session.flush()
        words = "Square did not accept this refund. (REFUND_DECLINED)"
        refund.move_to(RefundStatus.REJECTED, actor=Actor.system("Refund job"), at=clock.now(), reason=words)


def test_a_refund_that_failed_is_red_with_the_providers_words_and_is_sent_again(desk, order):
    _let_a_refund_fail(order)
    page = desk.get(f"{DESK}/details/?id={order.id}")
    assert "The refund of $10.00 did not arrive" in read_text(page)
    assert "REFUND_DECLINED" in read_text(page)
    done = desk.submit(page, "form[action$='/refund/again']")
    assert "sent again, as a new one" in read_text(done)
    assert "did not arrive" not in read_text(desk.get(f"{DESK}/details/?id={order.id}"))
    db.session.rollback()
    assert list(db.session.scalars(db.select(OutboxRow.kind))) == [Kind.REFUND_SEND]


def test_a_refund_that_failed_and_was_given_back_in_cash_is_noted(desk, order):
    _let_a_refund_fail(order)
    page = desk.get(f"{DESK}/details/?id={order.id}")
    done = desk.submit(page, "form[action$='/refund/by-hand']", given_by="cash")
    assert "Noted as given back" in read_text(done)
    words = read_text(desk.get(f"{DESK}/details/?id={order.id}"))
    assert "did not arrive" not in words
    assert "given back in cash" in words
    db.session.rollback()
    assert list(db.session.scalars(db.select(OutboxRow.kind))) == [Kind.MAIL_REFUND]


def _open_closing(desk, order):
    page = read_html(desk.get(f"{DESK}/details/?id={order.id}"))
    return desk.get(page.select_one("a[href*='/refund/close']")["href"])


def test_a_refund_about_which_nothing_more_is_to_do_leaves_the_pile_and_says_who_closed_it(desk, order):
    _let_a_refund_fail(order)
    assert "HP-1042" in read_text(desk.get("/admin/payments/?show=needs_person"))
    page = _open_closing(desk, order)
    assert "the refund of $10.00 that did not arrive" in read_text(page)
    done = read_text(desk.submit(page, "form.desk-form", reason="The buyer took other goods instead"))
    assert "The refund of $10.00 is closed" in done
    assert "Nothing more to do: The buyer took other goods instead Closed by " in done
    assert "Refund: closed" in done
    assert "did not arrive" not in done
    closed = the_refund()
    assert (closed.status, closed.close_reason) == (
        RefundStatus.REJECTED,
        "The buyer took other goods instead",
    )
    assert "HP-1042" not in read_text(desk.get("/admin/payments/?show=needs_person"))
    assert list(db.session.scalars(db.select(OutboxRow.kind))) == []


def test_closing_a_refund_needs_a_reason_and_loses_nothing_typed(desk, order):
    _let_a_refund_fail(order)
    page = _open_closing(desk, order)
    wrong = desk.submit(page, "form.desk-form", reason="  ")
    assert wrong.status_code == 422
    assert "Say in a few words why" in read_html(wrong).select_one("#reason-error").get_text()
    long = "x" * 193
    wrong = desk.submit(page, "form.desk-form", reason=long)
    assert wrong.status_code == 422
    assert "under 192 letters" in read_html(wrong).select_one("#reason-error").get_text()
    assert read_html(wrong).select_one("#reason")["value"] == long
    assert the_refund().closed_at is None


def test_a_page_for_closing_that_came_too_late_says_so(desk, order):
    _let_a_refund_fail(order)
    late = _open_closing(desk, order)
    desk.submit(desk.get(f"{DESK}/details/?id={order.id}"), "form[action$='/refund/again']")
    answer = desk.submit(late, "form.desk-form", reason="Settled")
    assert "sent again already" in read_text(answer)
    db.session.rollback()
    failed = db.session.scalars(db.select(Refund).order_by(Refund.id)).first()
    assert failed.closed_at is None
    again = desk.get(f"{DESK}/refund/close?id={order.id}&refund_id={failed.id}")
    assert again.status_code == 303


def test_only_a_refund_of_the_order_is_closed_there(desk, order):
    _let_a_refund_fail(order)
    refund_id = the_refund().id
    other = make_order(make_buyer(), {make_sku(): 1}, number="HP-1043")
    for order_id, wanted in ((other.id, refund_id), (order.id, refund_id + 1), (order.id, "one")):
        answer = desk.get(f"{DESK}/refund/close?id={order_id}&refund_id={wanted}")
        assert answer.status_code == 404
        sent = {"id": order_id, "refund_id": wanted, "reason": "Settled"}
        assert desk.post(f"{DESK}/refund/close", data=sent).status_code == 404
    assert the_refund().closed_at is None


def test_units_that_are_not_back_yet_are_pointed_out_before_a_refund_is_closed(desk, order):
    soap, _ = line_ids(order)
    _let_a_refund_fail(order)
    with transaction():
        part = RefundLine(
            refund_id=the_refund().id, order_line_id=soap, quantity=2, goods_cents=Money(680), tax_cents=ZERO
        )
        db.session.add(part)  # fmt: skip
    assert "not back on the shelf" not in read_text(_open_closing(desk, order))
    move(order, OrderStatus.SHIPPED)
    assert "Units of it are not back on the shelf" in read_text(_open_closing(desk, order))


def test_what_cannot_ship_is_left_out_with_a_reason_and_the_new_total(desk, order):
    soap, _ = line_ids(order)
    page = desk.get(f"{DESK}/shorten?id={order.id}")
    asked = desk.submit(
        page,
        FORM,
        **{f"units_{soap}": "10", f"why_{soap}": "The last case was damaged", f"rest_{soap}": "gone"},
    )
    assert "Palmer Goods pays $61.30 instead of $68.10: $6.80 less." in read_text(asked)
    done = desk.submit(asked, "form.confirm-page")
    words = read_text(done)
    assert "The order is shorter now." in words
    assert "Ordered 12, 10 ship: The last case was damaged" in words
    assert the_refund().kind is RefundKind.SHORTENED


def test_leaving_out_without_a_reason_or_everything_is_refused_beside_the_field(desk, order):
    soap, tea = line_ids(order)
    page = desk.get(f"{DESK}/shorten?id={order.id}")
    wrong = desk.submit(page, FORM, **{f"units_{soap}": "10"})
    assert wrong.status_code == 422
    assert read_html(wrong).select_one(f"#why_{soap}-error")
    assert read_html(wrong).select_one(f"#units_{soap}")["value"] == "10"
    more = desk.submit(page, FORM, **{f"units_{soap}": "13"})
    assert more.status_code == 409
    nothing = {f"units_{each}": "0" for each in (soap, tea)} | {f"why_{each}": "Gone" for each in (soap, tea)}
    assert "cancel the order instead" in read_text(desk.submit(page, FORM, **nothing))


def test_a_shipped_order_says_that_nothing_can_be_left_out_any_more(desk, order):
    move(order, OrderStatus.SHIPPED)
    page = desk.get(f"{DESK}/shorten?id={order.id}")
    assert "The goods have left" in read_text(page)
    assert not read_html(page).select(
        "button[type=submit].btn:not(.btn--quiet):not(.btn--sm)"
    ) or "Show the new total" not in read_text(page)


def test_who_packs_leaves_out_and_who_pays_refunds(desk_of: DeskOf, order):
    packing = read_html(desk_of(Role.FULFILMENT).get(f"{DESK}/details/?id={order.id}"))
    assert packing.select("a[href*='/shorten']")
    assert not packing.select("a[href*='/refund']")
    finance = read_html(desk_of(Role.FINANCE).get(f"{DESK}/details/?id={order.id}"))
    assert finance.select("a[href*='/refund']")
    assert not finance.select("a[href*='/shorten']")
