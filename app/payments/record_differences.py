"""Write down what differs, each thing once, and close what no longer does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.payments.compare import Found
from app.payments.difference_kinds import DifferenceKind, DifferenceStatus
from app.payments.models import Difference
from app.shared import history
from app.shared.history import Actor
from app.shared.transaction import retry_lost_races, transaction

_S = DifferenceStatus
_Key = tuple[DifferenceKind, str]


@dataclass(frozen=True)
class Changes:
    """How many rows are new (or came back), and how many are gone."""

    added: int
    gone: int


def record_differences(
    found: Sequence[Found], examined: Collection[str], *, actor: Actor, now: datetime
) -> Changes:
    """Add or renew what was found; of everything `examined` (ids at the provider) close what was not found again."""
    try:
        return _record(found, examined, actor, now)
    except IntegrityError:
        # Another run wrote the same difference first; now it is there to be renewed.
        return _record(found, examined, actor, now)


@retry_lost_races
def _record(found: Sequence[Found], examined: Collection[str], actor: Actor, now: datetime) -> Changes:
    with transaction():
        known = _lock_known({*examined, *(each.provider_id for each in found)})
        seen = {(each.kind, each.provider_id): each for each in found}
        added = sum(_keep(known.get(key), each, actor, now) for key, each in seen.items())
        over = [row for key, row in known.items() if key not in seen and row.provider_id in examined]
        return Changes(added, sum(_close(row, actor, now) for row in over))


def _lock_known(provider_ids: Collection[str]) -> dict[_Key, Difference]:
    """The rows about these things, locked in the order of their ids."""
    query = db.select(Difference).where(Difference.provider_id.in_(provider_ids)).order_by(Difference.id)
    rows = db.session.scalars(query.with_for_update().execution_options(populate_existing=True))
    return {(row.kind, row.provider_id): row for row in rows}


def _keep(row: Difference | None, found: Found, actor: Actor, now: datetime) -> bool:
    """True when it is new. One that somebody noted stays noted until either side says something else."""
    if row is None:
        row = Difference(
            kind=found.kind, provider_id=found.provider_id, status=_S.OPEN, first_seen_at=now, order_id=found.order_id,
            payment_id=found.payment_id, refund_id=found.refund_id,
        )  # fmt: skip
        _renew(row, found, now)
        db.session.add(row)
        db.session.flush()
        history.record("difference", row.id, _S.OPEN.value, actor=actor, at=now, to_status=_S.OPEN)
        return True
    is_other = (row.ours, row.theirs) != (found.ours, found.theirs)
    comes_back = row.status is _S.GONE or (row.status is _S.NOTED and is_other)
    _renew(row, found, now)
    if comes_back:
        row.closed_at = None
        row.move_to(_S.OPEN, actor=actor, at=now, reason=f"Ours: {found.ours}. Theirs: {found.theirs}.")
    return comes_back


def _renew(row: Difference, found: Found, now: datetime) -> None:
    row.ours, row.theirs, row.repair = found.ours[:80], found.theirs[:80], found.repair
    row.amount_cents = found.amount
    row.last_seen_at = now


def _close(row: Difference, actor: Actor, now: datetime) -> bool:
    if row.status is _S.GONE:
        return False
    row.closed_at = now
    row.move_to(_S.GONE, actor=actor, at=now, reason="Both sides agree.")
    return True
