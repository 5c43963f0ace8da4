"""`flask upgrade RELEASE.zip`: everything that can be looked at first is looked at while the shop goes on selling."""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.shared import clock
from app.shared.version_order import is_newer
from app.upgrade.code import Code
from app.upgrade.finish import change_over, finish
from app.upgrade.journal import PREPARING, READY, Journal, find_journal
from app.upgrade.migrations import read_migrations
from app.upgrade.own_changes import find_changes, sums_of
from app.upgrade.packages import Packages, put_in_place
from app.upgrade.refused import UpgradeRefused
from app.upgrade.release_zip import Release, read_release
from app.upgrade.room import check_room, size_of
from app.upgrade.shop import Options, Shop
from app.upgrade.stage import check_code, stage
from app.upgrade.swap import plan

_OLDEST = re.compile(r"^OLDEST_PYTHON = \((\d+), (\d+)\)", re.MULTILINE)


@dataclass(frozen=True)
class Looked:
    """What the checks found out: where the shop stands (`facts`), and what was bad before."""

    release: Release
    facts: dict[str, Any]
    bad: dict[str, str]


def upgrade(shop: Shop, path: Path, options: Options) -> None:
    """Check, stage, back up, migrate, check again, swap. UpgradeRefused with the shop as it was before."""
    looked = _look(shop, path, options)
    try:
        journal, packages = _prepare(shop, looked, options)
        if options.only_check:
            shop.clear(shop.new)
            shop.say(f"{looked.release.version} can be put in place. Nothing was changed.")
            return
        _note(shop, journal)
    except BaseException:
        shop.clear(shop.new)
        raise
    change_over(shop, journal, lambda: _carry_out(shop, journal, looked, packages), options.longest_wait)
    finish(shop, journal)


def _look(shop: Shop, path: Path, options: Options) -> Looked:
    shop.say(f"1/7 Looking at {path.name}")
    release = read_release(path)
    running = shop.version
    if not is_newer(release.version, running):
        same = (
            "the one that runs" if release.version == running else f"older than the one that runs ({running})"
        )
        raise UpgradeRefused(
            f"{release.version} is {same}. Nothing was changed. To go back to the release before: `flask upgrade --back`."
        )
    shop.say(
        f"  {release.version}, {len(release.sums):,} files, each as it was published; {running} runs now."
    )
    shop.say("2/7 Looking at the shop")
    old = shop.code()
    facts = old.step("look")
    media = size_of(shop.instance / "uploads", shop.instance / "media")
    check_room(shop.place, 2 * release.size + 2 * facts["bytes"] + media)
    bad = facts["bad"]
    if bad and not options.anyway:
        listed = "\n".join(f"  {name}: {words}" for name, words in bad.items())
        raise UpgradeRefused(
            f"`flask check` finds this bad, and an upgrade would not make it better:\n{listed}\n"
            "Put it right first, or say --anyway. Nothing was changed."
        )
    shop.say(f"  {facts['orders']:,} orders; flask check finds nothing bad; there is room.")
    return Looked(release, facts, bad)


def _prepare(shop: Shop, looked: Looked, options: Options) -> tuple[Journal, Packages]:
    shop.say("3/7 Unpacking beside the shop")
    release, facts = looked.release, looked.facts
    sums = sums_of(shop.folder)
    changes = find_changes(shop.folder, sums)
    check_code(changes, may_replace=options.replace_changed)
    shop.clear(shop.new)
    merged = stage(release, shop.folder, sums, changes, shop.new, shop.say)
    _check_python(shop.new)
    head, every = read_migrations(shop.new)
    if facts["at"] not in every:
        raise UpgradeRefused(
            f"The database stands at migration {facts['at'] or '(none)'}, which {release.version} does not know. Nothing was changed."
        )
    if facts["at"] not in {facts["head"], head}:
        raise UpgradeRefused(
            "The tables are not at this release's: run `flask db upgrade` first. Nothing was changed."
        )
    packages = Packages(shop.folder, shop.new, shop.place)
    packages.fetch(shop.say)
    journal = Journal(
        shop.place, version_from=shop.version, version_to=release.version, head_from=facts["at"], head_to=head,
        foreign=facts["foreign"], packages=bool(packages.missing), merged=merged,
        units=plan(shop.folder, {*sums, "SHA256SUMS"}, shop.new),
    )  # fmt: skip
    return journal, packages


def _check_python(new: Path) -> None:
    found = _OLDEST.search((new / "upgrading.py").read_text()) if (new / "upgrading.py").is_file() else None
    oldest = (int(found[1]), int(found[2])) if found else (3, 11)
    if sys.version_info < oldest:
        raise UpgradeRefused(
            f"This release needs Python {oldest[0]}.{oldest[1]}, and this is {sys.version_info[0]}.{sys.version_info[1]}. "
            "Choose the newer one where your host lets you set up Python, then try again. Nothing was changed."
        )


def _note(shop: Shop, journal: Journal) -> None:
    os.sync()  # what was unpacked, while the shop is still open: later only names change
    prior = find_journal(shop.place)
    journal.write(phase=PREPARING, prior=prior.told() | {"prior": None} if prior else None)


def _carry_out(shop: Shop, journal: Journal, looked: Looked, packages: Packages) -> None:
    """While nobody is inside; whatever it raises is undone."""
    old, new = shop.code(), shop.code(shop.new)
    if looked.facts["at"] == looked.facts["head"]:
        back_up(shop, journal, old)
    if packages.missing:
        shop.say("  installing the packages")
        journal.touch("packages")
        put_in_place(shop.place, "new")
    if journal.head_from != journal.head_to:
        shop.say("6/7 Bringing the database up to date, and looking at all of it again")
        journal.touch("database")
        check_again(new.step("arrive", "--migrate"), looked.bad)
    else:
        shop.say("6/7 The database is as the new release needs it; looking at all of it again")
        check_again(new.step("arrive"), looked.bad)
    shop.clear(shop.before)
    journal.write(phase=READY)


def back_up(shop: Shop, journal: Journal, code: Code) -> None:
    """Into instance/backups, where only the owner may look."""
    folder = shop.instance / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = clock.now().strftime("%Y-%m-%dT%H%M%SZ")
    target = folder / f"{journal.version_from}-before-{journal.version_to}-{stamp}.zip"
    shop.say(f"5/7 Backing up to {target}")
    made = code.step("back-up", str(target))
    journal.write(backup=str(target), backup_orders=made["orders"])


def check_again(arrived: dict[str, Any], bad_before: dict[str, str]) -> None:
    """UpgradeRefused when the other release's flask check finds something bad that was good before."""
    bad = [f"{name}: {words}" for name, words in arrived["bad"].items() if name not in bad_before]
    if bad:
        raise UpgradeRefused("\n".join(bad))
