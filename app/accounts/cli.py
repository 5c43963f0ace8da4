"""`flask sign-out-everybody`; loaded when it is called."""

from __future__ import annotations

import click

from app.accounts.end_sessions import end_all_sessions
from app.shared import clock
from app.shared.history import Actor


@click.command("sign-out-everybody")
@click.confirmation_option(prompt="Sign out everybody, staff and buyers, on every device?")
def sign_out_everybody_command() -> None:
    """End every session there is: when a key, a backup or a device may be in strange hands."""
    ended = end_all_sessions(actor=Actor.system("flask sign-out-everybody"), now=clock.now())
    click.echo(f"{ended:,} sessions ended. Everybody signs in again.")
