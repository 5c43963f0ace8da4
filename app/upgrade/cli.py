"""`flask upgrade`: hands over to a copy of itself, which needs nothing of the code it is about to swap."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import click

import upgrading
from app.settings import ROOT, find_instance

_HERE = Path(__file__).resolve().parent
_START = """import sys

from app.upgrade.run import main

sys.exit(main(sys.argv[1:]))
"""
# What of the rest of the shop it stands on; these, too, need nothing but Python.
_ALSO = ("shared/clock.py", "shared/migration_files.py", "shared/version_order.py")
_OF_THE_SHOP = {"cli.py", "steps.py"}


@click.command(
    "upgrade",
    context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    add_help_option=False,
)
@click.argument("typed", nargs=-1, type=click.UNPROCESSED)
def upgrade_command(typed: tuple[str, ...]) -> None:
    """Bring the shop to another release, or back: checked first, backed up, and undone if anything goes wrong."""
    # It would wait for itself to leave.
    upgrading.go_out()
    try:
        runner = make_runner(ROOT)
    except OSError as error:
        raise click.ClickException(
            f"{error.filename}: {error.strerror}. Run this as the user to whom the shop's files belong."
        ) from None
    command = [sys.executable, str(runner), "--shop", str(ROOT), "--instance", str(find_instance()), *typed]
    os.execv(sys.executable, command)  # noqa: S606  # nosec B606  # our own code, by its path


def make_runner(shop: Path) -> Path:
    """Copy what carries out an upgrade to where no swap reaches it; upgrading.py starts it from there, too."""
    runner = shop / ".upgrade" / "runner"
    half = runner.with_name("runner.part")
    shutil.rmtree(half, ignore_errors=True)
    package = half / "app" / "upgrade"
    package.mkdir(parents=True)
    for path in _HERE.glob("*.py"):
        if path.name not in _OF_THE_SHOP:
            shutil.copyfile(path, package / path.name)
    (half / "app" / "shared").mkdir()
    for name in ("__init__.py", "shared/__init__.py"):
        (half / "app" / name).touch()
    for name in _ALSO:
        shutil.copyfile(_HERE.parent / name, half / "app" / name)
    (half / "__main__.py").write_text(_START)
    shutil.rmtree(runner, ignore_errors=True)
    half.rename(runner)
    return runner
