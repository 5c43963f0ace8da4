"""A shop worth backing up, and how to tell whether two shops are the same."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner

from app.businesses.models import Business
from app.extensions import db
from app.settings import Settings
from app.shared.money import Money
from tests.factories import (
    make_buyer,
    make_category,
    make_certificate,
    make_message,
    make_order,
    make_payment,
    make_price_list,
    make_product,
    make_sku,
    make_staff,
    make_tax_rate,
)
from tests.placing import make_ready, press

PASSPHRASE = "a long passphrase for tests"
STRANGE = 'Öl & "Käse"\n\ttwo\u2028lines — 🫒 \\ \u0001 %s :name ?'
SETTINGS = b'SITE_URL = "https://shop.example.com"  # of then\n'


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.extensions["settings"]
    return settings


def fill(app: Flask) -> None:
    """Every kind of cell, an order placed and paid for as buyers do, and files beside them."""
    with app.app_context():
        press(make_ready())
        parent = make_category("Pantry", description=STRANGE[:300])
        product = make_product("Olive oil", category=make_category(parent=parent), description=STRANGE * 50)
        sku = make_sku(product, options={"size": "1 l", "note": STRANGE, "empty": ""}, is_active=False)
        make_price_list(breaks={sku: {12: Money(900), 48: Money(2**40)}})
        make_tax_rate("CA", "0.07255")
        buyer = make_buyer()
        make_certificate(db.session.get_one(Business, buyer.business_id), expires_on=date(2026, 12, 24))
        make_payment(make_order(buyer, {sku: 2}))
        make_message(body=STRANGE, created_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
        make_staff()
    put_files(settings_of(app), "one", "two")
    Path(settings_of(app).instance_path, "settings.toml").write_bytes(SETTINGS)


def put_files(settings: Settings, *names: str) -> None:
    """A private paper and a public picture of each name."""
    for folder, ending in ((settings.uploads_path, "pdf"), (settings.media_path, "webp")):
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / f"{name}.{ending}").write_bytes(f"{name} {ending} ".encode() * 4000)
    (settings.media_path / "half.webp.part").write_bytes(b"still being written")


def all_rows(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the shop itself reads it."""
    with app.app_context(), db.engine.connect() as connection:
        return {
            name: [
                tuple(row)
                for row in connection.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for name, table in db.metadata.tables.items()
        }


def all_files(settings: Settings) -> dict[str, str]:
    """Name and digest of every whole file of the shop."""
    folders = (settings.uploads_path, settings.media_path)
    return {
        f"{folder.name}/{path.name}": hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.glob("*"))
        if path.suffix != ".part"
    }


def picture_of(app: Flask) -> tuple[dict[str, list[tuple[Any, ...]]], dict[str, str]]:
    """All of a shop, to be compared with another moment or another shop."""
    return all_rows(app), all_files(settings_of(app))


def command(app: Flask, *args: str | Path, **options: Any) -> Result:
    """Run `flask …` in this shop."""
    runner: FlaskCliRunner = app.test_cli_runner()
    return runner.invoke(args=[str(each) for each in args], **options)
