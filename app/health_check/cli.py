"""`flask check`: is the shop set up right, and does it run?"""

from __future__ import annotations

import json

import click
from flask import current_app

from app.health_check.arrival import check_own_address
from app.health_check.check_here import check_here
from app.health_check.check_outside import check_outside
from app.health_check.lines import Line, Verdict, count_verdicts
from app.settings import Settings

_LOOKS = {Verdict.GOOD: "green", Verdict.WARNING: "yellow", Verdict.BAD: "red"}


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object, for machines.")
@click.option(
    "--here",
    "only_here",
    is_flag=True,
    help="Ask nobody outside: no mail server, DNS or Square, and not the shop's own address.",
)
def check_command(as_json: bool, only_here: bool) -> None:
    """Look at everything the shop stands on. Exit status 1 when anything is bad."""
    settings: Settings = current_app.extensions["settings"]
    lines = check_here(settings)
    if not only_here:
        lines += [*check_own_address(settings), *check_outside(settings)]
    click.echo(_as_json(lines) if as_json else "\n".join(map(_as_text, lines)))
    counts = count_verdicts(lines)
    if not as_json:
        click.echo(
            "\n" + ", ".join(f"{number} {verdict.label.lower()}" for verdict, number in counts.items())
        )
    if counts[Verdict.BAD]:
        raise click.exceptions.Exit(1)


def _as_text(line: Line) -> str:
    verdict = click.style(f"{line.verdict.label.lower():<8}", fg=_LOOKS[line.verdict])
    fix = f"\n{'':<10}→ {line.fix}" if line.fix else ""
    return f"{verdict}  {line.name}: {line.says}{fix}"


def _as_json(lines: list[Line]) -> str:
    told = [
        {"name": line.name, "verdict": line.verdict.value, "says": line.says, "fix": line.fix}
        for line in lines
    ]
    counts = {verdict.value: number for verdict, number in count_verdicts(lines).items()}
    return json.dumps({"counts": counts, "lines": told}, indent=2, ensure_ascii=False)
