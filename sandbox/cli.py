"""`flask seed-demo`: the demo shop, for trials. Never part of a real shop."""

import click
from flask import current_app

from app.payments.providers import get_gateway
from app.settings import Settings
from app.shared import clock
from app.shared.errors import AppError
from app.storage.shelves import get_shelves
from sandbox.demo.people import BIRCH_AND_ANCHOR, DEMO_PASSWORD, STAFF
from sandbox.demo.seed import seed_demo
from sandbox.demo.seed_pictures import ALL, MAIN, NONE


@click.command("seed-demo")
@click.option(
    "--pictures",
    type=click.Choice([ALL, MAIN, NONE]),
    default=ALL,
    show_default=True,
    help="Draw every color, one picture a product, or none.",
)
@click.option("--quiet", is_flag=True, help="No progress bar.")
def seed_demo_command(pictures: str, quiet: bool) -> None:
    """Fill an empty database with the demo shop "Harbor & Pine Supply"."""
    settings: Settings = current_app.extensions["settings"]
    # A real provider is never asked about orders that are made up.
    gateway = None if settings.is_square_real else get_gateway()
    try:
        seeded = seed_demo(
            now=clock.now(),
            shelves=get_shelves(),
            gateway=gateway,
            pictures=pictures,
            is_quiet=quiet,
        )
    except AppError as refusal:
        raise click.ClickException(refusal.message) from refusal
    if seeded.is_nothing_new:
        click.echo("The demo shop is here already; nothing was changed.")
        return
    click.echo(f"Added {seeded.in_words()}.")
    if gateway is not None and not seeded.asked_bank:
        click.echo("The Square look-alike did not answer, so some payments are history only.")
    click.echo(f"Sign in as {BIRCH_AND_ANCHOR.people[0].email} (buyer) or {STAFF[0].email} (staff).")
    click.echo(f"Everyone's password is {DEMO_PASSWORD}")
