"""`flask search`; loaded when it is called."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from tqdm import tqdm

from app.catalog.search_rows import rebuild_search
from app.shared.plain_words import in_plain_words

search_commands = AppGroup("search", help="What buyers find in the search box.")


@search_commands.command("rebuild")
@in_plain_words
def rebuild_command() -> None:
    """Compare what is searched with every product, and mend what differs; the shop goes on meanwhile."""
    with tqdm(unit=" products", desc="Looking", disable=None, leave=False) as bar:
        mended = rebuild_search(bar.update)
    if not mended:
        click.echo("Every product is found as it should be.")
        return
    were = "product was" if mended == 1 else "products were"
    click.echo(f"{mended:,} {were} not found by the right words: mended.")
