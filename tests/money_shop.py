"""A shop in which anything about money may go wrong at any moment, and the books that must balance afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import Context
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select, update

from admin.work import payment_needs_person
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.outbox.retry import retry_row
from app.payments.gateway import Charge, Declined, OutcomeUnknown, PaymentGateway
from app.payments.models import Payment, Refund
from app.payments.post_missing_work import post_missing_work
from app.payments.send_refund_again import send_refund_again
from app.payments.status import GAVE_BACK, PaymentStatus
from app.shared import clock
from app.shared.errors import Conflict
from app.shared.history import Actor
from app.shared.transaction import transaction
from jobs.relay import Ticket
from jobs.runner import run
from sandbox.square import SquareServer
from tests.money_books import MoneyBooks

R = TypeVar("R")
STAFF = Actor.system("staff")
_P = PaymentStatus


class Died(BaseException):
    """The process was killed here: nothing after this line ran, and no handler saw it."""


@dataclass
class Plan:
    """What happens around the next call of that name: `before` it leaves, or `after` Square did it."""

    call: str
    moment: str
    action: Callable[[], None]


class InterruptedGateway:
    """The real gateway, with things happening around its calls."""

    name = "square"

    def __init__(self, real: PaymentGateway):
        self._real = real
        self.plans: list[Plan] = []
        # Requests that left a process which died, and are still on their way.
        self.on_the_way: list[Charge] = []

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._real, name)

        def call(*args: Any, **named: Any) -> Any:
            self._happen(name, "before", args)
            answer = method(*args, **named)
            self._happen(name, "after", args)
            return answer

        return call

    def _happen(self, call: str, moment: str, args: tuple[Any, ...]) -> None:
        due = [plan for plan in self.plans if (plan.call, plan.moment) == (call, moment)]
        self.plans = [plan for plan in self.plans if plan not in due]
        for plan in due:
            if call == "authorize" and moment == "before" and plan.action is die:
                self.on_the_way.append(args[0])
            plan.action()


def die() -> None:
    raise Died


@dataclass
class MoneyShop(MoneyBooks):
    """Runs jobs as a worker would, heals what can heal, and checks that everything adds up."""

    app: Flask
    square: SquareServer
    gateway: InterruptedGateway
    # Units of each sku that were there in the beginning.
    stock: dict[int, int] = field(default_factory=dict)

    def elsewhere(self, step: Callable[[], R]) -> R:
        """Run a step with a session of its own, as another process would."""

        def go() -> R:
            with self.app.app_context():
                return step()

        db.session.rollback()
        try:
            return Context().run(go)
        finally:
            db.session.rollback()
            db.session.expire_all()

    def work(self, ahead: timedelta = timedelta(0)) -> None:
        """One try at every row that is due; mails are not sent here. Dies where a plan says so."""
        for row_id in self.elsewhere(lambda: self._due(clock.now() + ahead)):
            self.elsewhere(lambda row_id=row_id: self._run(row_id))

    def _due(self, until: datetime) -> list[int]:
        with transaction():
            mails = OutboxRow.kind.in_([kind for kind in Kind if kind.queue == "mail"])
            db.session.execute(update(OutboxRow).where(mails).values(closed_at=clock.now()))
        due = select(OutboxRow.id).where(
            OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_(None), OutboxRow.due_at <= until
        )
        ids = list(db.session.scalars(due.order_by(OutboxRow.id)))
        db.session.rollback()
        return ids

    def _run(self, row_id: int) -> None:
        row = db.session.get_one(OutboxRow, row_id)
        ticket = Ticket(row.id, row.attempts, row.kind)
        db.session.rollback()
        run(ticket)

    def heal(self) -> None:
        """The faults are over, the hours pass, and staff press the buttons the back office shows them."""
        self.square.office.faults.clear()
        self.square.office.books.options.list_lag_seconds = 0
        self.square.office.books.options.refund_outcome = "COMPLETED"
        self.gateway.plans.clear()
        for _ in range(15):
            self.elsewhere(self._press_buttons)
            self.work(timedelta(hours=5))
            if not self.elsewhere(self._is_busy):
                return
        raise AssertionError(f"it never comes to rest: {self.elsewhere(self._open_rows)}")

    def _press_buttons(self) -> None:
        dead = select(OutboxRow.id).where(
            OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None)
        )
        for row_id in list(db.session.scalars(dead)):
            retry_row(row_id, actor=STAFF, now=clock.now())
        for refund_id in list(db.session.scalars(select(Refund.id).where(Refund.status.not_in(GAVE_BACK)))):
            try:
                send_refund_again(refund_id, actor=STAFF, now=clock.now())
            except Conflict:
                db.session.rollback()

    def check_that_nothing_was_forgotten(self) -> None:
        """The net below catches only what fell by a change of the capture rule: all else had its next step posted."""

        def go() -> list[Kind]:
            post_missing_work(clock.now() + timedelta(hours=5))
            return [kind for kind, _, _ in self._open_rows()]

        assert set(self.elsewhere(go)) <= {Kind.PAYMENT_CAPTURE}

    def has_work(self) -> bool:
        """Whether anything about money stands in the outbox."""
        return bool(self.elsewhere(self._open_rows))

    def _open_rows(self) -> list[tuple[Kind, dict[str, Any], str]]:
        rows = select(OutboxRow.kind, OutboxRow.ids, OutboxRow.last_error).where(
            OutboxRow.closed_at.is_(None)
        )
        return [tuple(row) for row in db.session.execute(rows) if row.kind.queue != "mail"]  # type: ignore[misc]

    def _is_busy(self) -> bool:
        refused = select(Payment.id).where(payment_needs_person(clock.now()), Payment.status == _P.CAPTURED)
        return bool(self._open_rows()) or db.session.scalars(refused).first() is not None

    def let_arrive(self) -> None:
        """Requests of processes that died reach Square now, unless the shop has looked for them a last time."""
        charges, self.gateway.on_the_way = self.gateway.on_the_way, []
        for charge in charges:
            if self.elsewhere(lambda charge=charge: self._is_still_looked_for(charge)):
                with suppress(OutcomeUnknown, Declined):
                    self.gateway._real.authorize(charge)

    def _is_still_looked_for(self, charge: Charge) -> bool:
        payment_id = db.session.scalars(
            select(Payment.id).filter_by(idempotency_key=charge.key)
        ).one_or_none()
        looks = select(OutboxRow.ids).where(
            OutboxRow.kind == Kind.PAYMENT_SETTLE, OutboxRow.closed_at.is_(None)
        )
        is_found = payment_id is not None and {"payment_id": payment_id} in list(db.session.scalars(looks))
        db.session.rollback()
        return is_found
