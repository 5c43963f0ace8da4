"""`flask backup` and `flask restore`; loaded when they are called."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from tqdm import tqdm

from app.backup.archive import is_under_passphrase
from app.backup.make_backup import MadeBackup, make_backup
from app.backup.manifest import SETTINGS
from app.backup.restore_backup import RestoreBackup, Restored, restore_backup
from app.settings import Settings
from app.shared import clock
from app.shared.plain_words import in_plain_words

_NAME = "tradepost.zip"
_SHORTEST = 12
_File = click.Path(dir_okay=False, path_type=Path)


class _Bars:
    """One bar a step on a terminal; nothing where nobody looks."""

    def __init__(self) -> None:
        self._bar: Any = None

    def begin(self, step: str, total: int, unit: str) -> None:
        """Draw the step's bar in place of the last one's."""
        self.close()
        is_bytes = unit == "B"
        self._bar = tqdm(total=total, desc=step, unit=unit, unit_scale=is_bytes, disable=None, leave=False)

    def advance(self, count: int) -> None:
        """Move it on."""
        self._bar.update(count)

    def close(self) -> None:
        """Take it away."""
        if self._bar is not None:
            self._bar.close()


def _passphrase_options(command: Callable[..., None]) -> Callable[..., None]:
    command = click.option(
        "--passphrase", envvar="BACKUP_PASSPHRASE", hidden=True, help="Seen by everybody on the machine."
    )(command)
    return click.option(
        "--passphrase-file", type=_File, help="Its first line is the passphrase (or set BACKUP_PASSPHRASE)."
    )(command)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@_passphrase_options
@click.option("--encrypt", is_flag=True, help="Put it under a passphrase: asked for unless given.")
@click.option(
    "--keep", type=click.IntRange(min=1), help="Put the time into the name, and keep so many of that name."
)
@with_appcontext
@in_plain_words
def backup_command(
    file: Path, passphrase: str | None, passphrase_file: Path | None, encrypt: bool, keep: int | None
) -> None:
    """Write database, uploads, pictures and settings into FILE (a folder will do), while the shop goes on.

    Without a passphrase whoever has the file has the shop and its keys. See docs/backup.md.
    """
    chosen = _given(passphrase, passphrase_file)
    if encrypt and not chosen:
        chosen = click.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    if chosen is not None and len(chosen) < _SHORTEST:
        raise click.ClickException(f"Choose a passphrase of at least {_SHORTEST} characters.")
    bars = _Bars()
    try:
        made = make_backup(
            file / _NAME if file.is_dir() else file,
            settings=_settings(),
            now=clock.now(),
            passphrase=chosen,
            keep=keep or 0,
            progress=bars,
        )
    finally:
        bars.close()
    _tell_backup(made, is_sealed=chosen is not None)


def _tell_backup(made: MadeBackup, *, is_sealed: bool) -> None:
    manifest = made.manifest
    rows = sum(table.rows for table in manifest.tables)
    click.echo(
        f"{made.path}: {_in_words(made.size)}, {rows:,} rows ({manifest.rows_of('orders'):,} orders), "
        f"{len(manifest.files):,} files."
    )
    if made.dropped:
        click.echo(f"Removed {len(made.dropped)} older.")
    if not any(member.name == SETTINGS for member in manifest.members):
        click.echo("There is no settings.toml to back up: keep DATA_KEY, without which this cannot be read.")
    if not is_sealed:
        click.echo("It is not under a passphrase: keep it where nobody else can read it.")


def _in_words(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB" if size >= 1_000_000 else f"{size / 1000:,.0f} kB"


@click.command("restore")
@click.argument("file", type=_File)
@_passphrase_options
@click.option("--replace", is_flag=True, help="End the shop that is there.")
@click.option("--check", "only_check", is_flag=True, help="Check the whole backup and change nothing.")
@click.option(
    "--skip-numbers",
    type=click.IntRange(min=0),
    default=0,
    help="Leave a gap of so many before the next order and invoice number.",
)
@with_appcontext
@in_plain_words
def restore_command(
    file: Path,
    passphrase: str | None,
    passphrase_file: Path | None,
    replace: bool,
    only_check: bool,
    skip_numbers: int,
) -> None:
    """Make the shop what FILE says it was: all of it, or nothing is changed. Stop the shop first (docs/backup.md)."""
    chosen = _given(passphrase, passphrase_file)
    if chosen is None and is_under_passphrase(file) and sys.stdin.isatty():
        chosen = click.prompt("Passphrase", hide_input=True)
    command = RestoreBackup(
        path=file, passphrase=chosen, replace=replace, only_check=only_check, skip_numbers=skip_numbers
    )
    bars = _Bars()
    try:
        restored = restore_backup(command, settings=_settings(), progress=bars)
    finally:
        bars.close()
    _tell_restored(restored, only_check=only_check)


def _tell_restored(restored: Restored, *, only_check: bool) -> None:
    manifest = restored.manifest
    holds = (
        f"{manifest.rows_of('orders'):,} orders, {manifest.rows_of('products'):,} products, "
        f"{len(manifest.files):,} files, made {manifest.made_at:%Y-%m-%d %H:%M} UTC by {manifest.shop_version}"
    )
    if only_check:
        click.echo(f"This backup is whole and can be restored: {holds}. Nothing was changed.")
        return
    click.echo(f"Restored: {holds}.")
    if restored.settings_beside:
        click.echo(f"The settings of then are in {restored.settings_beside}.")
    click.echo(
        "What was paid, captured or given back since then is in Square's books and not in these. Before you start "
        f"the web server and the worker:\n  flask reconcile --since {manifest.made_at:%Y-%m-%d}\n"
        "and settle what it lists (docs/backup.md, “After a restore”)."
    )
    if restored.open_jobs:
        click.echo(
            f"{restored.open_jobs:,} jobs were open then and run again when the worker starts: "
            "a mail may come twice, a charge not."
        )


def _given(passphrase: str | None, file: Path | None) -> str | None:
    if file is None:
        return passphrase or None
    lines = file.read_text().splitlines()
    if not lines or not lines[0].strip():
        raise click.ClickException(f"{file} is empty: its first line must be the passphrase.")
    return lines[0].strip()


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
