"""What the shop's own tables say at the moment somebody asks: the same on every machine, and right after a restart."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import and_, func
from sqlalchemy.exc import SQLAlchemyError

from app.extensions import db
from app.mail.models import Mail
from app.orders.models import Order
from app.outbox.heartbeat import find_beat
from app.outbox.models import OutboxRow
from app.outbox.queries import list_waiting
from app.payments.error_share import count_errors
from app.payments.models import Payment, Refund
from app.payments.status import PaymentStatus
from app.settings import Settings
from app.shared.circuits import CircuitState, list_circuits

_WINDOW = timedelta(minutes=15)
_Pairs = Iterable[tuple[str, float]]


def collect_business(settings: Settings, now: datetime) -> Iterator[Metric]:
    """Orders, payments, background work, mail, outside services, disk. Without a database: that it is away, and the disk."""
    disk = shutil.disk_usage(settings.instance_path)
    yield _gauge("tradepost_disk_free_bytes", "Free room where the shop keeps its files.", disk.free)
    yield _gauge("tradepost_disk_bytes", "All room there.", disk.total)
    try:
        found = [*_collect_trade(now), *_collect_background(now), *_collect_services()]
    except SQLAlchemyError:
        db.session.rollback()
        found = []
    yield _gauge("tradepost_database_up", "Whether the database answered this very question.", bool(found))
    yield from found


def _collect_trade(now: datetime) -> Iterator[Metric]:
    orders = _count_by(Order.status)
    payments = _count_by(Payment.status)
    captures = db.session.scalars(db.select(func.count(Payment.captured_at))).one()
    share = count_errors(now - _WINDOW)
    yield _counter(
        "tradepost_orders_placed", "Orders written, whatever became of them.", sum(orders.values())
    )
    yield _gauges("tradepost_orders", "Orders now, by status.", "status", orders.items())
    yield _counter("tradepost_captures", "Payments whose money came.", captures)
    yield _counter(
        "tradepost_declines", "Payments the bank declined.", payments.get(PaymentStatus.DECLINED.value, 0)
    )
    yield _gauges("tradepost_payments", "Payments now, by status.", "status", payments.items())
    yield _gauges("tradepost_refunds", "Refunds now, by status.", "status", _count_by(Refund.status).items())
    yield _gauge("tradepost_provider_questions", "Questions to payment providers in 15 minutes.", share.asked)
    yield _gauge("tradepost_provider_errors", "Those of them without a clear answer.", share.errors)
    yield _gauges("tradepost_mails", "Mails now, by status.", "status", _count_by(Mail.status).items())


def _collect_background(now: datetime) -> Iterator[Metric]:
    is_dead = and_(OutboxRow.closed_at.is_(None), OutboxRow.needs_person_at.is_not(None))
    dead = db.session.execute(
        db.select(OutboxRow.kind, func.count()).where(is_dead).group_by(OutboxRow.kind)
    ).all()
    waiting = list_waiting(now)
    depth = [(each.kind.value, each.count) for each in waiting]
    ages = [(each.kind.value, each.oldest.total_seconds()) for each in waiting]
    yield _gauges("tradepost_outbox_rows", "Work that is not done yet, by kind.", "kind", depth)
    yield _gauges("tradepost_outbox_oldest_seconds", "How long the oldest of it has been owed.", "kind", ages)
    yield _gauges(
        "tradepost_dead_letters",
        "Work that gave up, by kind.",
        "kind",
        [(kind.value, count) for kind, count in dead],
    )
    beat_at = find_beat()
    if beat_at is not None:
        silent = max((now - beat_at).total_seconds(), 0.0)
        yield _gauge("tradepost_background_silent_seconds", "How long ago background work last ran.", silent)


def _collect_services() -> Iterator[Metric]:
    circuits = list_circuits()
    silent = [(each.name, float(each.state is not CircuitState.CLOSED)) for each in circuits]
    trips = CounterMetricFamily(
        "tradepost_circuit_trips", "How often a service began to be left alone.", labels=["service"]
    )
    for each in circuits:
        trips.add_metric([each.name], each.trips)
    yield _gauges("tradepost_circuit_open", "1 while an outside service is left alone.", "service", silent)
    yield trips


def _count_by(column: Any) -> dict[str, int]:
    rows = db.session.execute(db.select(column, func.count()).group_by(column))
    return {status.value: count for status, count in rows}


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=float(value))


def _counter(name: str, words: str, value: float) -> Metric:
    return CounterMetricFamily(name, words, value=float(value))


def _gauges(name: str, words: str, label: str, pairs: _Pairs) -> Metric:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, number in pairs:
        family.add_metric([value], number)
    return family
