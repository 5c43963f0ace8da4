"""`flask upgrade --back`: the release before, with every order that came since.

The database is brought back by the newer release's own migrations, the other way round, so that its rows stay. The backup
of then is taken only when somebody asks for it and says how many orders that may cost.
"""

from __future__ import annotations

from app.upgrade.finish import change_over, finish
from app.upgrade.forward import back_up, check_again
from app.upgrade.journal import DONE, PREPARING, READY, Journal
from app.upgrade.own_changes import find_changes, sums_of
from app.upgrade.packages import put_in_place
from app.upgrade.refused import UpgradeRefused
from app.upgrade.room import check_room, size_of
from app.upgrade.shop import Options, Shop
from app.upgrade.swap import Unit, turned


def go_back(shop: Shop, done: Journal | None, options: Options) -> None:
    """UpgradeRefused with the shop as it was, when there is nothing to go back to or it does not work."""
    if done is None or done.phase != DONE or done.version_to != shop.version or not shop.before.is_dir():
        raise UpgradeRefused("There is no release to go back to here. Nothing was changed.")
    shop.say(f"1/7 Looking at {done.version_from}, which ran before")
    facts = shop.code().step("look")
    _check_loss(facts["orders"], done, options)
    shop.say("2/7 Looking at the shop")
    check_room(shop.place, 2 * facts["bytes"] + size_of(shop.instance / "uploads", shop.instance / "media"))
    shop.say("3/7 Looking at what was changed since")
    journal = Journal(
        shop.place, is_back=True, version_from=done.version_to, version_to=done.version_from, head_from=done.head_to,
        head_to=done.head_from, foreign=facts["foreign"], packages=done.packages, units=_units(shop, done),
        prior=done.told() | {"prior": None},
    )  # fmt: skip
    journal.write(phase=PREPARING)
    change_over(
        shop, journal, lambda: _carry_out(shop, journal, done, options, facts["bad"]), options.longest_wait
    )
    finish(shop, journal)


def _check_loss(orders: int, done: Journal, options: Options) -> None:
    lost = orders - done.backup_orders
    if options.to_backup and options.lose != lost:
        raise UpgradeRefused(
            f"Going back to the backup of {done.version_from} would lose {lost:,} orders that came since, with their payments. "
            f"Without --to-backup none is lost. If it must be: --to-backup --lose {lost}. Nothing was changed."
        )


def _units(shop: Shop, done: Journal) -> list[Unit]:
    """As they came, but for the files that the host or the owner changed since: those stay."""
    since = {
        name for name in find_changes(shop.folder, sums_of(shop.folder)).hosts if name not in done.merged
    }
    for name in sorted(since):
        shop.say(f"  {name} was changed here and stays as it is.")
    return [unit for unit in turned(done.units) if unit.name not in since]


def _carry_out(shop: Shop, journal: Journal, done: Journal, options: Options, bad: dict[str, str]) -> None:
    newer, older = shop.code(), shop.code(shop.before)
    back_up(shop, journal, newer)
    if options.to_backup:
        _check_loss(newer.step("look")["orders"], done, options)
    if journal.head_from != journal.head_to and not options.to_backup:
        shop.say("6/7 Bringing the database back to what the older release knows; every order stays")
        journal.touch("database")
        newer.step("go-down", journal.head_to)
    if journal.packages:
        journal.touch("packages")
        put_in_place(shop.place, "old")
    if options.to_backup:
        shop.say("6/7 Making the database what it was before the upgrade")
        journal.touch("database")
        older.step("restore", done.backup, "--foreign", ",".join(journal.foreign))
    check_again(older.step("arrive"), bad)
    shop.clear(shop.after)
    journal.write(phase=READY)
