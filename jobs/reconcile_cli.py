"""`flask reconcile`: compare the payment provider's books with the shop's, now."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click

from app.extensions import db
from app.payments.difference_kinds import DifferenceStatus
from app.payments.gateway import OutcomeUnknown
from app.payments.models import Difference
from app.payments.providers import get_gateway
from app.payments.reconcile import WINDOW, reconcile
from app.shared import clock
from app.shared.history import Actor

_LONGEST = timedelta(days=365)


@click.command("reconcile")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="Compare everything made since this day (UTC); the last 8 days unless told.",
)
def reconcile_command(since: datetime | None) -> None:
    """Compare the payment provider's payments and refunds with the shop's, and list what differs.

    Exit status 1 while anything differs or the provider does not answer.
    """
    now = clock.now()
    begin = since.replace(tzinfo=UTC) if since else now - WINDOW
    if not now - _LONGEST <= begin <= now:
        raise click.BadParameter("use a day of the last twelve months", param_hint="--since")
    try:
        report = reconcile(begin, gateway=get_gateway(), actor=Actor.system("flask reconcile"))
    except OutcomeUnknown as unknown:
        raise click.ClickException(f"{unknown.cause}. Nothing was written; try again later.") from None
    click.echo(
        f"Compared {report.payments} payments and {report.refunds} refunds since {begin:%Y-%m-%d %H:%M} UTC: "
        f"{report.added} new differences, {report.gone} gone, {report.open} open."
    )
    for row in _open_rows():
        click.echo(f"  {row.kind.label}: {row.provider_id} (here: {row.ours}; there: {row.theirs})")
    if report.open:
        raise click.exceptions.Exit(1)


def _open_rows() -> list[Difference]:
    query = db.select(Difference).where(
        Difference.status.in_([DifferenceStatus.OPEN, DifferenceStatus.REPAIRING])
    )
    return list(db.session.scalars(query.order_by(Difference.kind, Difference.id)))
