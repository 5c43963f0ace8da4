"""`flask rotate-keys`; loaded when it is called."""

from __future__ import annotations

import click
from flask import current_app
from tqdm import tqdm

from app.businesses.rotate_data_key import Rotation, count_secrets, rotate_data_key
from app.settings import Settings
from app.shared.secret_box import secret_box

_MOST_NAMED = 20


@click.command("rotate-keys")
@click.option("--check", is_flag=True, help="Say what the old keys still hold; change nothing.")
def rotate_keys_command(check: bool) -> None:
    """Move everything from DATA_KEY_OLD to DATA_KEY, while the shop runs (docs/security.md)."""
    settings: Settings = current_app.extensions["settings"]
    if settings.secret_key_old:
        click.echo(
            "SECRET_KEY: sessions and links in mails signed with the old key are still good. Nothing is stored under it: "
            f"take SECRET_KEY_OLD out after {settings.session_days} days, or at once to sign everybody out."
        )
    if not settings.data_key_old:
        click.echo("DATA_KEY: there is no DATA_KEY_OLD, so nothing is to be moved.")
    with tqdm(total=count_secrets(), unit=" secrets", desc="Looking", disable=None, leave=False) as bar:
        found = rotate_data_key(dry_run=check, progress=bar.update)
    _say(found, check)
    if found.lost:
        raise click.exceptions.Exit(1)


def _say(found: Rotation, check: bool) -> None:
    words = "still under the old key" if check else "moved to the new key"
    click.echo(f"DATA_KEY: {found.seen:,} encrypted secrets, {found.renewed:,} {words}.")
    if found.lost:
        named = ", ".join(found.lost[:_MOST_NAMED])
        click.echo(
            f"{len(found.lost):,} cannot be read with any key given ({named}). "
            "Put the key they were encrypted with into DATA_KEY_OLD and run this again.",
            err=True,
        )
    elif secret_box.is_rotating and not (check and found.renewed):
        click.echo(
            "Nothing needs DATA_KEY_OLD any more: take it out of the settings and start the shop again. "
            "Keep it with the backups made until now, which need it."
        )
