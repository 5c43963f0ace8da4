"""Close what is secret at rest with the new DATA_KEY, a batch at a time, while the shop runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from cryptography.fernet import InvalidToken
from sqlalchemy import CursorResult, func, update

from app.businesses.models import Business
from app.extensions import db
from app.shared.secret_box import secret_box
from app.shared.transaction import retry_lost_races, transaction

BATCH = 200
# Every encrypted column of the shop, with the fingerprint beside it.
ENCRYPTED_COLUMNS = {"businesses.ein_encrypted": "businesses.ein_fingerprint"}


@dataclass(frozen=True)
class Rotation:
    """How many secrets were looked at, how many were closed anew, and which businesses' no key opens."""

    seen: int = 0
    renewed: int = 0
    lost: tuple[int, ...] = ()

    def __add__(self, other: Rotation) -> Rotation:
        return Rotation(self.seen + other.seen, self.renewed + other.renewed, self.lost + other.lost)


def rotate_data_key(*, dry_run: bool = False, progress: Callable[[int], object] = lambda _: None) -> Rotation:
    """Re-encrypt and fingerprint anew whatever the old key still closes; `dry_run` only counts it.

    What is done stays done: stopped half-way, the next run goes on with the rest. A number that is changed meanwhile
    is left alone, because whoever changed it used the new key. `progress` is told how many each batch looked at.
    """
    found, after = Rotation(), 0
    while True:
        batch, last = _rotate_batch(after, dry_run)
        if not batch.seen:
            return found
        found, after = found + batch, last
        progress(batch.seen)


def count_secrets() -> int:
    return int(db.session.scalar(db.select(func.count(Business.id)).where(Business.ein_encrypted != "")) or 0)


@retry_lost_races
def _rotate_batch(after: int, dry_run: bool) -> tuple[Rotation, int]:
    with transaction():
        query = db.select(Business.id, Business.ein_encrypted, Business.ein_fingerprint).where(
            Business.id > after, Business.ein_encrypted != ""
        )
        rows = db.session.execute(query.order_by(Business.id).limit(BATCH)).all()
        found = sum((_rotate(row[0], row[1], row[2], dry_run) for row in rows), Rotation())
    return found, rows[-1].id if rows else after


def _rotate(business_id: int, encrypted: str, fingerprint: str | None, dry_run: bool) -> Rotation:
    try:
        digits = secret_box.decrypt(encrypted)
    except InvalidToken:
        return Rotation(seen=1, lost=(business_id,))
    if secret_box.is_current(encrypted) and fingerprint == secret_box.fingerprint(digits):
        return Rotation(seen=1)
    if dry_run:
        return Rotation(seen=1, renewed=1)
    unchanged = (Business.id == business_id) & (Business.ein_encrypted == encrypted)
    renewed = update(Business).where(unchanged)
    values = {
        "ein_encrypted": secret_box.encrypt(digits),
        "ein_fingerprint": secret_box.fingerprint(digits),
    }
    result = db.session.execute(renewed.values(values), execution_options={"synchronize_session": False})
    return Rotation(seen=1, renewed=cast(CursorResult[Any], result).rowcount)
