"""A form of the back office whose row somebody else holds: staff are told, and send it once more."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text

from app.catalog.models import Category
from app.extensions import db
from tests.client import ShopClient, read_text, sign_in
from tests.factories import make_category, make_shop, make_staff
from tests.worlds import engine_of


@pytest.fixture
def short_waits(app: Flask) -> Iterator[Engine]:
    """New connections wait a second for a lock, and all are new."""
    engine = engine_of(app)
    with engine.begin() as connection:
        before = connection.scalar(text("SELECT @@GLOBAL.innodb_lock_wait_timeout"))
        connection.execute(text("SET GLOBAL innodb_lock_wait_timeout = 1"))
    engine.dispose()
    yield engine
    with engine.begin() as connection:
        connection.execute(text(f"SET GLOBAL innodb_lock_wait_timeout = {before}"))
    engine.dispose()


def hold(connection: Connection, category_id: int) -> None:
    connection.execute(text("SELECT id FROM categories WHERE id = :id FOR UPDATE"), {"id": category_id})


def test_nothing_is_saved_and_staff_are_told_to_send_it_once_more(app: Flask, short_waits: Engine) -> None:
    make_shop()
    category = make_category("Cups")
    desk = app.test_client()
    assert isinstance(desk, ShopClient)
    sign_in(desk, make_staff())
    page = desk.get(f"/admin/categories/edit/?id={category.id}")
    with short_waits.connect() as other:
        hold(other, category.id)
        refused = desk.submit(page, "form.desk-form", name="Big cups")
    words = read_text(refused)
    assert "changed this category" in words
    assert "send it once more" in words
    assert name_of(category) == "Cups"
    desk.submit(refused, "form.desk-form", name="Big cups")
    assert name_of(category) == "Big cups"


def name_of(category: Category) -> str:
    db.session.rollback()
    return str(db.session.scalars(db.select(Category.name).filter_by(id=category.id)).one())
