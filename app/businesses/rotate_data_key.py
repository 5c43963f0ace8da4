"""Close what is secret at rest with the new DATA_KEY, a batch at a time, while the shop runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from cryptography.fernet import InvalidToken
from sqlalchemy import CursorResult, func, null, update
from sqlalchemy.orm import InstrumentedAttribute

from app.businesses.models import Business
from app.extensions import db
from app.second_factor.models import SecondFactor
from app.shared.secret_box import secret_box
from app.shared.transaction import retry_lost_races, transaction

BATCH = 200


@dataclass(frozen=True)
class Secrets:
    """One encrypted column, the fingerprint beside it where there is one, and what staff call a row of it."""

    closed: InstrumentedAttribute[str]
    fingerprint: InstrumentedAttribute[str | None] | None
    row_id: InstrumentedAttribute[int]
    what: str


# Every encrypted column of the shop.
ENCRYPTED_COLUMNS = (
    Secrets(Business.ein_encrypted, Business.ein_fingerprint, Business.id, "business"),
    Secrets(SecondFactor.secret_encrypted, None, SecondFactor.user_id, "second factor of person"),
)


@dataclass(frozen=True)
class Rotation:
    """How many secrets were looked at, how many were closed anew, and which no key opens ("business 7")."""

    seen: int = 0
    renewed: int = 0
    lost: tuple[str, ...] = ()

    def __add__(self, other: Rotation) -> Rotation:
        return Rotation(self.seen + other.seen, self.renewed + other.renewed, self.lost + other.lost)


def rotate_data_key(*, dry_run: bool = False, progress: Callable[[int], object] = lambda _: None) -> Rotation:
    """Re-encrypt and fingerprint anew whatever the old key still closes; `dry_run` only counts it.

    What is done stays done: stopped half-way, the next run goes on with the rest. A secret that is changed meanwhile
    is left alone, because whoever changed it used the new key. `progress` is told how many each batch looked at.
    """
    found = Rotation()
    for secrets in ENCRYPTED_COLUMNS:
        after = 0
        while True:
            batch, last = _rotate_batch(secrets, after, dry_run)
            if not batch.seen:
                break
            found, after = found + batch, last
            progress(batch.seen)
    return found


def count_secrets() -> int:
    counts = (db.select(func.count()).where(each.closed != "") for each in ENCRYPTED_COLUMNS)
    return sum(int(db.session.scalar(count) or 0) for count in counts)


@retry_lost_races
def _rotate_batch(secrets: Secrets, after: int, dry_run: bool) -> tuple[Rotation, int]:
    with transaction():
        columns = [secrets.row_id, secrets.closed, secrets.fingerprint if secrets.fingerprint else null()]
        query = db.select(*columns).where(secrets.row_id > after, secrets.closed != "")
        rows = db.session.execute(query.order_by(secrets.row_id).limit(BATCH)).all()
        found = sum((_rotate(secrets, row[0], row[1], row[2], dry_run) for row in rows), Rotation())
    return found, rows[-1][0] if rows else after


def _rotate(secrets: Secrets, row_id: int, closed: str, fingerprint: str | None, dry_run: bool) -> Rotation:
    try:
        opened = secret_box.decrypt(closed)
    except InvalidToken:
        return Rotation(seen=1, lost=(f"{secrets.what} {row_id}",))
    is_known = secrets.fingerprint is None or fingerprint == secret_box.fingerprint(opened)
    if secret_box.is_current(closed) and is_known:
        return Rotation(seen=1)
    if dry_run:
        return Rotation(seen=1, renewed=1)
    values = {secrets.closed.key: secret_box.encrypt(opened)}
    if secrets.fingerprint is not None:
        values[secrets.fingerprint.key] = secret_box.fingerprint(opened)
    renewed = update(secrets.closed.class_).where(secrets.row_id == row_id, secrets.closed == closed)
    result = db.session.execute(renewed.values(values), execution_options={"synchronize_session": False})
    return Rotation(seen=1, renewed=cast(CursorResult[Any], result).rowcount)
