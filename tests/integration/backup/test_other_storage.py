"""From a folder into a bucket and back; and a bucket that is away."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.backups import all_files, all_rows, command, settings_of
from tests.storing import S3Store, broken_store
from tests.worlds import MIGRATIONS, build_app, settings_for_tests

AWAY = {"s3_bucket": "b", "s3_access_key": "k", "s3_secret_key": "s", "s3_timeout_seconds": 1}


def shop_with(folder: Path, square: SquareServer, mails: MailCatcher, **changes: Any) -> Flask:
    folder.mkdir()
    return build_app(settings_for_tests(f"sqlite:///{folder / 'shop.db'}", folder, square, mails, **changes))


@pytest.fixture
def in_bucket(
    s3_server: S3Store, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Flask:
    """A shop to be, whose files are kept in an empty bucket."""
    s3_server.empty()
    return shop_with(tmp_path / "in-bucket", square_server, mail_catcher, **s3_server.settings())


def in_store(store: S3Store) -> dict[str, str]:
    return {key: hashlib.sha256(store.read(key)).hexdigest() for key in store.names()}


def test_a_shop_moves_into_a_bucket_and_out_of_it_again_with_every_file(
    some_backup: Path, some_shop: Flask, in_bucket: Flask, s3_server: S3Store, restored: Flask, tmp_path: Path
) -> None:
    result = command(in_bucket, "restore", some_backup)
    assert result.exit_code == 0, result.output
    assert in_store(s3_server) == all_files(settings_of(some_shop))
    assert not settings_of(in_bucket).uploads_path.exists()
    back = tmp_path / "back.zip"
    assert command(in_bucket, "backup", back).exit_code == 0
    result = command(restored, "restore", back)
    assert result.exit_code == 0, result.output
    assert all_files(settings_of(restored)) == all_files(settings_of(some_shop))
    assert all_rows(restored) == all_rows(some_shop)


def test_a_bucket_with_a_shop_in_it_is_replaced_only_when_told_and_then_whole(
    some_backup: Path, some_shop: Flask, in_bucket: Flask, s3_server: S3Store
) -> None:
    with in_bucket.app_context():
        command(in_bucket, "db", "upgrade", "-d", MIGRATIONS)
    assert command(in_bucket, "restore", some_backup).exit_code == 0
    s3_server.put("uploads/goes.pdf", b"of the shop that goes")
    s3_server.put("uploads/one.pdf", b"worn away")
    refused = command(in_bucket, "restore", some_backup)
    assert refused.exit_code == 1
    assert "Nothing was changed" in refused.output
    assert s3_server.read("uploads/one.pdf") == b"worn away"
    assert command(in_bucket, "restore", some_backup, "--replace").exit_code == 0
    assert in_store(s3_server) == all_files(settings_of(some_shop))


@pytest.mark.parametrize("mood", ["busy", "refuses"])
def test_a_bucket_that_is_away_stops_a_restore_before_anything_changes(
    some_backup: Path, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher, mood: str
) -> None:
    with broken_store(mood) as store:
        shop = shop_with(tmp_path / "away", square_server, mail_catcher, s3_endpoint=store.url, **AWAY)
        result = command(shop, "restore", some_backup)
    assert result.exit_code == 1
    assert "The place for files cannot be used" in result.output
    assert "Nothing was changed" in result.output
    assert not (tmp_path / "away" / ".restore").exists()


def test_a_bucket_that_is_away_leaves_no_half_a_backup(
    some_shop: Flask, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> None:
    with broken_store("busy") as store:
        folder = tmp_path / "away"
        shop = shop_with(folder, square_server, mail_catcher, s3_endpoint=store.url, **AWAY)
        with shop.app_context():
            command(shop, "db", "upgrade", "-d", MIGRATIONS)
        result = command(shop, "backup", tmp_path / "half.zip")
    assert result.exit_code == 1
    assert "No backup was written" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["away"]
