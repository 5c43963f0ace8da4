"""The shop's own commands: `flask check`, `flask import-products`, `flask create-staff`, `flask make-key`, `flask set-up-shop`."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import click
from flask import Flask, current_app
from tqdm import tqdm

from app.accounts.addresses import normalise_email
from app.accounts.create_staff import CreateStaff, create_staff
from app.accounts.permissions import STAFF_ROLES, Role
from app.accounts.tokens import sign_token
from app.imports.products import FileRefused, import_products
from app.late_command import LateCommand
from app.make_key import make_key
from app.settings import Settings
from app.shared import clock
from app.shared.history import Actor
from app.shared.plain_words import in_plain_words
from app.shop.set_up import SetUpShop, set_up_shop

_MOST_ERRORS_SHOWN = 50
_BACKUP = {
    "backup": "Write the whole shop into one file, while it goes on.",
    "restore": "Make the shop what a backup says it was.",
}
_KEYS = {
    "rotate-keys": (
        "app.businesses.cli:rotate_keys_command",
        "Move secrets from the old DATA_KEY to the new one.",
    ),
    "turn-off-second-factor": (
        "app.second_factor.cli:turn_off_second_factor_command",
        "Let somebody who lost it sign in with the password alone.",
    ),
    "sign-out-everybody": ("app.accounts.cli:sign_out_everybody_command", "End every session there is."),
}
_UPGRADE = {"upgrade": ("app.upgrade.cli:upgrade_command", "Bring the shop to another release, or back.")}
_ROLES = [role.value for role in Role if role in STAFF_ROLES]


def init_cli(app: Flask) -> None:
    for command in (import_products_command, create_staff_command, make_key_command, set_up_shop_command):
        app.cli.add_command(command)
    app.cli.add_command(
        LateCommand("check", "app.health_check.cli:check_command", "Look at everything the shop stands on.")
    )
    app.cli.add_command(
        LateCommand("search", "app.catalog.cli:search_commands", "Mend what buyers find in the search box.")
    )
    for name, (target, words) in (_KEYS | _UPGRADE).items():
        app.cli.add_command(LateCommand(name, target, words))
    app.cli.add_command(LateCommand("upgrade-step", "app.upgrade.steps:steps", "A part of it.", hidden=True))
    for name, words in _BACKUP.items():
        app.cli.add_command(LateCommand(name, f"app.backup.cli:{name}_command", words))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


@click.command("import-products")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--dry-run", is_flag=True, help="Check the whole file and say what would change; write nothing."
)
@in_plain_words
def import_products_command(file: Path, dry_run: bool) -> None:
    """Bring in products, skus, prices and first stock from a CSV file (docs/import-products.md)."""
    try:
        with tqdm(unit=" rows", desc="Importing") as bar:
            report = import_products(file, now=clock.now(), dry_run=dry_run, progress=bar)
    except FileRefused as refused:
        for error in refused.errors[:_MOST_ERRORS_SHOWN]:
            click.echo(str(error), err=True)
        left = len(refused.errors) - _MOST_ERRORS_SHOWN
        if left > 0:
            click.echo(f"… and {left:,} more.", err=True)
        raise click.ClickException(refused.message) from None
    for line in report.lines:
        click.echo(line)


@click.command("create-staff")
@click.argument("email")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What this person may do.")
@click.option("--name", default="", help="The person's name.")
@in_plain_words
def create_staff_command(email: str, role: str, name: str) -> None:
    """Make a staff account and print the link with which its owner chooses a password."""
    settings = _settings()
    lifetime = timedelta(minutes=settings.reset_minutes)
    chosen = next(each for each in Role if each.value == role)
    command = CreateStaff(email, name, chosen, lifetime)
    user, token = create_staff(command, actor=Actor.system("flask create-staff"), now=clock.now())
    click.echo(f"{user.name} <{user.email}> is now: {user.role.label}.")
    click.echo(
        f"Open this link within {settings.reset_minutes} minutes to choose a password (it works once):"
    )
    click.echo(f"{settings.site_url}/password/reset/{sign_token(token, settings.signing_keys)}")


@click.command("make-key")
def make_key_command() -> None:
    """Print a fresh key, good for SECRET_KEY or DATA_KEY (`python -m app.make_key` works before there is one)."""
    click.echo(make_key())


@click.command("set-up-shop")
@click.option("--name", prompt="Name of the shop")
@click.option("--email", prompt="E-mail address buyers can write to")
@click.option("--phone", prompt="Phone number", default="", show_default=False)
@click.option("--state", prompt="State, two letters", default="", show_default=False)
@click.option("--postal-code", prompt="ZIP code", default="", show_default=False)
@click.option("--time-zone", prompt="Time zone", default="America/New_York")
@in_plain_words
def set_up_shop_command(
    name: str, email: str, phone: str, state: str, postal_code: str, time_zone: str
) -> None:
    """Give a new shop its name and address; the rest is set in the back office."""
    shop = set_up_shop(SetUpShop(name, normalise_email(email), phone, state, postal_code, time_zone))
    click.echo(f"{shop.name} is set up. Next: flask create-staff you@example.com --role shop_owner")
