"""A restore that is killed leaves the old shop; doing it again then makes the new one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.extensions import db
from tests.backups import all_files, all_rows, command, picture_of, put_files, settings_of
from tests.factories import make_buyer, make_order, make_shop
from tests.source import ROOT
from tests.worlds import MIGRATIONS

_GIVEN = (
    "secret_key", "data_key", "site_url", "database_url", "square_base_url", "square_access_token", "square_location_id",
    "mail_server", "mail_port", "mail_default_sender", "instance_path",
)  # fmt: skip


@pytest.fixture
def old_shop(empty_shop: Flask) -> Flask:
    """A shop that is there, other than the one of the backup."""
    with empty_shop.app_context():
        command(empty_shop, "db", "upgrade", "-d", MIGRATIONS)
        make_shop(name="The old shop")
        make_order(make_buyer())
    put_files(settings_of(empty_shop), "one", "old")
    return empty_shop


def restore_until_killed(shop: Flask, backup: Path, step: str, count: int) -> None:
    settings = settings_of(shop)
    given = {name.upper(): str(getattr(settings, name)) for name in _GIVEN}
    given["TRADEPOST_INSTANCE"] = given.pop("INSTANCE_PATH")
    done = subprocess.run(
        [sys.executable, "-m", "tests.restoring", str(backup), step, str(count)],
        cwd=ROOT,
        env=os.environ | given,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


@pytest.mark.parametrize(("step", "count"), [("Unpacking files", 2), ("Replacing", 2)])
def test_whenever_it_dies_the_old_shop_is_there(
    old_shop: Flask, some_backup: Path, some_shop: Flask, step: str, count: int
) -> None:
    rows, files = picture_of(old_shop)
    with old_shop.app_context():
        is_sqlite = db.engine.dialect.name == "sqlite"
    if step == "Replacing":
        step = "Replacing the database" if is_sqlite else "Replacing the rows"
    restore_until_killed(old_shop, some_backup, step, count)
    assert all_rows(old_shop) == rows
    assert files.items() <= all_files(settings_of(old_shop)).items()

    result = command(old_shop, "restore", some_backup, "--replace")
    assert result.exit_code == 0, result.output
    assert all_rows(old_shop) == all_rows(some_shop)
    assert all_files(settings_of(some_shop)).items() <= all_files(settings_of(old_shop)).items()
