"""`python -m app.backup.take_settings FILE`: settings.toml out of a backup, on a machine that has none yet."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from app.backup.archive import is_under_passphrase, open_archive
from app.backup.manifest import SETTINGS
from app.backup.refused import BackupRefused


def read_settings(path: Path, passphrase: str | None) -> bytes:
    """The settings.toml in a backup, checked against its checksum; BackupRefused when there is none."""
    with open_archive(path, passphrase) as archive:
        found = [member for member in archive.manifest.members if member.name == SETTINGS]
        if not found:
            raise BackupRefused("This backup holds no settings.toml: its shop had its settings elsewhere.")
        return b"".join(archive.chunks(found[0]))


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--passphrase", envvar="BACKUP_PASSPHRASE", hidden=True)
def take_settings(file: Path, passphrase: str | None) -> None:
    """Print the settings of a backup; send them to instance/settings.toml and look through them."""
    if not passphrase and is_under_passphrase(file) and sys.stdin.isatty():
        passphrase = click.prompt("Passphrase", hide_input=True, err=True)
    try:
        click.echo(read_settings(file, passphrase), nl=False)
    except BackupRefused as refusal:
        raise click.ClickException(refusal.message) from None


if __name__ == "__main__":
    take_settings()
