"""Files nobody names any more: noticed one day, gone two days later, and never one that somebody needs."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from app.businesses.forget_replaced_papers import forget_replaced_papers
from app.businesses.models import Upload
from app.businesses.review_application import reject
from app.businesses.status import BusinessStatus
from app.catalog.models import ProductImage
from app.clearing.notice_unnamed import notice_unnamed
from app.clearing.remove_unnamed import remove_unnamed
from app.extensions import db
from app.outbox.kinds import Kind
from app.outbox.models import OutboxRow
from app.shared import clock
from app.shared.history import Actor
from app.shared.transaction import transaction
from app.storage.shelves import get_shelves
from jobs.handlers.upkeep import look_for_unnamed_files
from tests.factories import make_business, make_certificate, make_product, make_shop, make_user

DAY = timedelta(days=1)
STEM = "0f" * 16


@pytest.fixture(autouse=True)
def shop(app: Flask, instance: Path) -> None:
    make_shop()
    for folder in ("uploads", "media"):
        for path in (instance / folder).glob("*"):
            path.unlink()


def put(kind: str, name: str, *, days_old: int = 3) -> Path:
    shelves = get_shelves()
    shelf: Any = shelves.papers if kind == "papers" else shelves.pictures
    shelf.put(name, b"content")
    path: Path = shelf.folder / name
    then = (clock.now() - days_old * DAY).timestamp()
    os.utime(path, (then, then))
    return path


def add_paper(name: str, business_id: int, *, days_old: int = 3) -> Upload:
    put("papers", name, days_old=days_old)
    with transaction():
        row = Upload(
            business_id=business_id, user_id=make_user_of(business_id), stored_name=name, original_name="a.pdf",
            content_type="application/pdf", size=7, sha256="0" * 64, created_at=clock.now() - days_old * DAY,
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
    return row


def make_user_of(business_id: int) -> int:
    found: int = db.session.execute(
        db.text("SELECT id FROM users WHERE business_id = :id"), {"id": business_id}
    ).scalar_one()
    return found


@pytest.fixture
def business() -> SimpleNamespace:
    """Submitted, with one person."""
    row = make_business(BusinessStatus.SUBMITTED)
    make_user(business=row)
    return SimpleNamespace(id=row.id, row=row)


def removals() -> list[OutboxRow]:
    return list(db.session.scalars(db.select(OutboxRow).filter_by(kind=Kind.FILES_REMOVE)))


def run_removals(now: datetime) -> int:
    return sum(remove_unnamed(get_shelves(), **row.ids, now=now) for row in removals())


def test_a_file_nobody_names_goes_a_day_after_it_was_noticed() -> None:
    paper, picture = put("papers", "lost.pdf"), put("pictures", f"{STEM}-160.webp")
    now = clock.now()
    assert notice_unnamed(get_shelves(), now=now) == 2
    assert paper.exists()
    assert {row.due_at for row in removals()} == {now + DAY}
    assert run_removals(now + DAY) == 2
    assert not paper.exists()
    assert not picture.exists()
    assert run_removals(now + DAY) == 0


def test_what_a_row_names_and_what_is_young_stays(business: SimpleNamespace) -> None:
    product = make_product("Soap")
    with transaction():
        db.session.add(
            ProductImage(product_id=product.id, stored_name=STEM, width=160, height=100, widths=[160], alt="")
        )
    make_certificate(business.row, upload_id=add_paper("held.pdf", business.id).id)
    kept = [put("pictures", f"{STEM}-160.webp"), put("papers", "new.pdf", days_old=0)]
    assert notice_unnamed(get_shelves(), now=clock.now()) == 0
    assert all(path.exists() for path in kept)


def test_a_file_that_somebody_names_or_writes_meanwhile_stays() -> None:
    named, written = put("pictures", f"{STEM}-160.webp"), put("papers", "again.pdf")
    now = clock.now()
    assert notice_unnamed(get_shelves(), now=now) == 2
    product = make_product("Soap")
    with transaction():
        db.session.add(
            ProductImage(product_id=product.id, stored_name=STEM, width=160, height=100, widths=[160], alt="")
        )
    get_shelves().papers.put("again.pdf", b"once more")
    assert run_removals(now + timedelta(hours=12)) == 0
    assert named.exists()
    assert written.exists()


def test_a_paper_replaced_before_anybody_looked_at_it_is_forgotten(business: SimpleNamespace) -> None:
    replaced, held = (add_paper(name, business.id) for name in ("first.pdf", "second.pdf"))
    make_certificate(business.row, upload_id=held.id)
    assert forget_replaced_papers(before=clock.now() - DAY) == 1
    left = set(db.session.scalars(db.select(Upload.stored_name)))
    assert left == {"second.pdf"}
    assert replaced.stored_name not in left


def test_a_paper_on_which_a_decision_may_rest_is_kept_for_good(business: SimpleNamespace) -> None:
    add_paper("decided-on.pdf", business.id)
    reject(business.id, reason="It has expired.", actor=Actor.system("a test"), now=clock.now() - 2 * DAY)
    assert forget_replaced_papers(before=clock.now() - DAY) == 0
    assert notice_unnamed(get_shelves(), now=clock.now()) == 0


def test_a_paper_sent_today_waits_for_its_form(business: SimpleNamespace) -> None:
    add_paper("today.pdf", business.id, days_old=0)
    assert forget_replaced_papers(before=clock.now() - DAY) == 0


def test_the_daily_look_is_done_by_the_worker(
    run_jobs: Callable[..., object], business: SimpleNamespace
) -> None:
    add_paper("replaced.pdf", business.id)
    look_for_unnamed_files()
    [row] = removals()
    assert row.ids == {"papers": ["replaced.pdf"], "pictures": []}
    run_jobs(ahead=2 * DAY)
    assert not get_shelves().papers.find("replaced.pdf")
