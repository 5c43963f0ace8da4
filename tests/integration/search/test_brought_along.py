"""What was there before is found, too: rows of an older shop that is brought up to date, and of a backup put back."""

from __future__ import annotations

from contextvars import Context
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade

from app.catalog.search import search_products
from app.extensions import db
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.backups import command
from tests.factories import make_product, make_shop, make_sku
from tests.worlds import MIGRATIONS, build_app, settings_for_tests

NOW = datetime(2026, 11, 20)  # noqa: DTZ001  # as the database keeps it
BEFORE = "add_guards"


def count_of(text: str) -> int:
    return search_products(text, 1).count


def test_products_from_before_the_search_table_are_found_once_it_is_there(
    empty_database: str, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> None:
    app = build_app(settings_for_tests(empty_database, tmp_path, square_server, mail_catcher))
    with app.app_context():
        upgrade(directory=MIGRATIONS, revision=BEFORE)
        tables = sa.MetaData()
        tables.reflect(db.engine, only=["categories", "products", "skus"])
        shelf = {"id": 1, "name": "Bath", "slug": "bath", "description": "", "position": 0}
        plain = {"category_id": 1, "brand": "", "summary": "", "description": "", "position": 0}
        plain |= {"created_at": NOW, "updated_at": NOW}
        numbers = range(1, 1203)  # more than two batches
        with db.engine.begin() as connection:
            connection.execute(tables.tables["categories"].insert(), [shelf])
            connection.execute(
                tables.tables["products"].insert(),
                [
                    plain
                    | {
                        "id": number,
                        "name": f"Soap {number}",
                        "slug": f"soap-{number}",
                        "is_active": number != 7,
                    }
                    for number in numbers
                ],
            )
            sku = {"barcode": "", "options": "{}", "price_cents": 1, "case_pack": 1, "minimum_quantity": 1}
            sku |= {"weight_grams": 0, "tax_class": "standard", "is_active": True, "position": 0}
            connection.execute(
                tables.tables["skus"].insert(),
                [sku | {"id": number, "product_id": number, "code": f"HP-{number:04}"} for number in numbers],
            )
        upgrade(directory=MIGRATIONS)
        assert [count_of(text) for text in ("soap 1", "soap 1202", "hp1202", "bath 600", "soap 7")] == [
            1,
            1,
            1,
            1,
            0,
        ]
        assert search_products("soap 1202", 1).ids == (1202,)
        told = app.test_cli_runner().invoke(args=["search", "rebuild"]).output
        assert "Every product is found as it should be." in told


def test_a_backup_is_searched_where_it_is_put_back(
    app: Flask,
    empty_database: str,
    tmp_path: Path,
    square_server: SquareServer,
    mail_catcher: MailCatcher,
) -> None:
    """From either kind of database into either."""
    make_shop()
    make_sku(make_product("Lavender soap"), code="HP-1204")
    path = tmp_path / "shop.zip"
    assert command(app, "backup", path).exit_code == 0
    other = build_app(settings_for_tests(empty_database, tmp_path / "other", square_server, mail_catcher))
    # Apart from the shop whose context is open here, or it is that one the command restores into.
    result = Context().run(command, other, "restore", path)
    assert result.exit_code == 0, result.output
    with other.app_context():
        assert [count_of(text) for text in ("lav", "hp1204", "candle")] == [1, 1, 0]
        make_product("Beeswax candle")
        assert count_of("candle") == 1
