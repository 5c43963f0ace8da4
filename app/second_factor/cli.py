"""`flask turn-off-second-factor`; loaded when it is called."""

from __future__ import annotations

import click

from app.accounts.addresses import normalise_email
from app.accounts.queries import find_user_by_email
from app.second_factor.turn_off import turn_off_second_factor
from app.shared import clock
from app.shared.history import Actor
from app.shared.plain_words import in_plain_words


@click.command("turn-off-second-factor")
@click.argument("email")
@in_plain_words
def turn_off_second_factor_command(email: str) -> None:
    """Let EMAIL sign in with the password alone: for an owner who lost both phone and recovery codes."""
    user = find_user_by_email(normalise_email(email))
    if user is None:
        raise click.ClickException(f"Nobody has an account under {email}.")
    turn_off_second_factor(user.id, actor=Actor.system("flask turn-off-second-factor"), now=clock.now())
    click.echo(
        f"{user.name} <{user.email}> signs in with the password alone now, and gets a mail that says so."
    )
