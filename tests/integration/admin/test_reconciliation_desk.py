"""Differences with the payment provider's books as staff see and settle them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.permissions import Role
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.post import post
from app.payments.ask_by_hand import request_reconciliation
from app.payments.difference_kinds import DifferenceKind, DifferenceStatus, Repair
from app.payments.models import Difference
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.history import Actor, list_history
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.client import read_html, read_text
from tests.factories import make_buyer, make_order, make_payment


def make_difference(kind: DifferenceKind = DifferenceKind.UNKNOWN_PAYMENT, **values: Any) -> Difference:
    now = clock.now()
    facts: dict[str, Any] = {
        "status": DifferenceStatus.OPEN, "repair": Repair.NONE, "provider_id": "sq-1", "amount_cents": Money(3500),
        "ours": "Not known", "theirs": "Captured, $35.00", "first_seen_at": now, "last_seen_at": now,
    }  # fmt: skip
    row = Difference(kind=kind, **facts | values)
    with transaction():
        db.session.add(row)
    return row


def orphan() -> Difference:
    payment = make_payment(make_order(make_buyer(), number="HP-7"), PaymentStatus.LAPSED)
    return make_difference(
        DifferenceKind.ORPHAN_HOLD, repair=Repair.VOID, ours="Lapsed, $10.00", theirs="Authorized, $10.00",
        payment_id=payment.id, order_id=payment.order_id, provider_id="sq-2",
    )  # fmt: skip


def fresh(row: Difference) -> Difference:
    db.session.rollback()
    db.session.refresh(row)
    return row


def test_money_the_shop_does_not_know_is_the_first_thing_on_the_home_page(desk, desk_of):
    assert "no order of yours expects it" not in read_text(desk.get("/admin/"))
    make_difference()
    page = desk.get("/admin/")
    assert "no order of yours expects it" in read_text(page)
    link = read_html(page).select_one(".notice--danger a")
    assert link is not None
    assert "Payment the shop does not know" in read_text(desk.get(str(link["href"])))
    assert "no order of yours expects it" not in read_text(desk_of(Role.FULFILMENT).get("/admin/"))


def test_the_list_shows_both_sides_and_the_order(desk):
    orphan()
    text = read_text(desk.get("/admin/reconciliation/?show=open"))
    for words in ("Hold that no order needs", "HP-7", "Lapsed, $10.00", "Authorized, $10.00"):
        assert words in text
    rail = read_html(desk.get("/admin/")).select_one("a[href='/admin/reconciliation/']")
    assert rail is not None
    assert "1" in rail.get_text()


def test_nothing_different_is_said_as_such(desk):
    assert "Both books agree." in read_text(desk.get("/admin/reconciliation/"))


@pytest.mark.parametrize("kind", list(DifferenceKind))
def test_every_kind_tells_what_it_means(desk, kind):
    row = make_difference(kind)
    assert "What this means" in read_text(desk.get(f"/admin/reconciliation/details/?id={row.id}"))


def test_a_safe_repair_is_one_press_and_a_yes_and_is_logged(desk_of):
    row = orphan()
    desk = desk_of(Role.FINANCE)
    asked = desk.submit(desk.get(f"/admin/reconciliation/details/?id={row.id}"), "form[action$='/repair']")
    assert "Nobody is charged" in read_text(asked)
    assert fresh(row).status is DifferenceStatus.OPEN
    desk.submit(asked, "form.confirm-page")
    assert fresh(row).status is DifferenceStatus.REPAIRING
    [job] = db.session.scalars(db.select(OutboxRow))
    assert (job.kind, job.ids) == (Kind.PAYMENT_REPAIR, {"difference_id": row.id})
    assert "Let the hold go" in list_history("difference", row.id)[-1].reason
    assert list_history("payment", row.payment_id or 0)[-1].event == "repair_requested"


def test_pressing_twice_repairs_once(desk):
    row = orphan()
    for _ in range(2):
        desk.post("/admin/reconciliation/repair", data={"id": row.id, "confirmed": "yes"})
    assert len(list(db.session.scalars(db.select(OutboxRow)))) == 1


def test_what_has_no_safe_repair_offers_none_and_takes_none(desk):
    row = make_difference()
    assert not read_html(desk.get(f"/admin/reconciliation/details/?id={row.id}")).select(
        "form[action$='/repair']"
    )
    answer = desk.post(
        "/admin/reconciliation/repair", data={"id": row.id, "confirmed": "yes"}, follow_redirects=True
    )
    assert "no safe repair" in read_text(answer)
    assert fresh(row).status is DifferenceStatus.OPEN


def test_settling_by_hand_needs_words_and_takes_it_off_the_list(desk):
    row = make_difference()
    page = desk.get(f"/admin/reconciliation/details/?id={row.id}")
    assert "Say in a few words" in read_text(desk.submit(page, "form[action$='/note']", note="  "))
    assert fresh(row).status is DifferenceStatus.OPEN
    desk.submit(page, "form[action$='/note']", note="Market stall sale, same account")
    assert fresh(row).status is DifferenceStatus.NOTED
    assert row.note == "Market stall sale, same account"
    assert not read_html(desk.get("/admin/reconciliation/?show=open")).select(".cell-first")


def test_support_sees_differences_and_may_settle_none(desk_of):
    row = orphan()
    support = desk_of(Role.SUPPORT)
    page = read_html(support.get(f"/admin/reconciliation/details/?id={row.id}"))
    assert not page.select("form[action*='/reconciliation/']")
    for address, data in (("repair", {"id": row.id}), ("note", {"id": row.id, "note": "x"}), ("compare", {})):
        assert support.post(f"/admin/reconciliation/{address}", data=data).status_code == 403
    assert fresh(row).status is DifferenceStatus.OPEN


def test_a_comparison_can_be_asked_for_any_number_of_times_and_is_done_once(desk):
    for _ in range(3):
        desk.submit(desk.get("/admin/reconciliation/"), "form[action$='/compare']")
    [job] = db.session.scalars(db.select(OutboxRow))
    assert (job.kind, job.ids) == (Kind.PAYMENTS_RECONCILE, {})


@pytest.mark.parametrize("is_taken", [False, True])
@pytest.mark.usefixtures("app")
def test_a_comparison_asked_for_comes_at_once_and_never_beside_one_under_way(is_taken):
    now = clock.now()
    next_try = now + timedelta(minutes=1)
    with transaction():
        row = post(Kind.PAYMENTS_RECONCILE, due_at=next_try)
        row.leased_until = next_try if is_taken else None
    request_reconciliation(actor=Actor.system("staff"), now=now)
    [job] = db.session.scalars(db.select(OutboxRow))
    assert job.due_at == (next_try if is_taken else now)
