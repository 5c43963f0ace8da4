"""The part in which the shop is closed: what was begun is carried out or undone, also by whoever finds it interrupted."""

from __future__ import annotations

from collections.abc import Callable

from app.upgrade.journal import CLOSED, DONE, READY, Journal
from app.upgrade.packages import put_in_place
from app.upgrade.refused import UpgradeRefused
from app.upgrade.shop import Shop
from app.upgrade.swap import swap


def change_over(shop: Shop, journal: Journal, carry_out: Callable[[], None], longest_wait: float) -> None:
    """Close, and carry out everything up to "ready"; whatever goes wrong is undone, and the shop opens as it was."""
    shop.say("4/7 Closing the shop; whoever comes now is asked to come again in a moment")
    try:
        journal.write(phase=CLOSED)
        shop.closing.shut()
        shop.closing.wait_until_empty(shop.say, longest_wait)
        carry_out()
    except BaseException as error:
        words = error.message if isinstance(error, UpgradeRefused) else f"{type(error).__name__}: {error}"
        undo(shop, journal)
        raise UpgradeRefused(
            f"That did not work, and everything is as it was before. The reason:\n{words}"
        ) from error


def undo(shop: Shop, journal: Journal) -> None:
    """Packages and database as they were, the door open. UpgradeRefused, with the shop still closed, when even that fails."""
    shop.say("  undoing what was begun")
    try:
        if "packages" in journal.touched:
            put_in_place(shop.place, "new" if journal.is_back else "old")
        if "database" in journal.touched:
            shop.code().step("restore", journal.backup, "--foreign", ",".join(journal.foreign))
    except UpgradeRefused as failure:
        raise UpgradeRefused(
            f"The database could not be put back as it was, so the shop stays closed. Its backup is whole: {journal.backup}\n"
            f"{failure.message}\nPut right what it says, then run `flask upgrade --go-on`."
        ) from failure
    shop.clear(shop.new)
    journal.forget()
    shop.closing.open()


def finish(shop: Shop, journal: Journal) -> None:
    """Swap the code, tell the processes of the release before, and open. Run again after a stop, it goes on."""
    shop.say("7/7 Putting the code in place")
    here, away = (shop.before, shop.after) if journal.is_back else (shop.new, shop.before)
    swap(journal.units, shop.folder, away, here)
    shop.closing.change_release()
    journal.write(phase=DONE)
    settle(shop, journal)


def settle(shop: Shop, journal: Journal) -> None:
    """Everything is in place: tidy up and open."""
    if journal.is_back:
        journal.write(prior=None)
        journal.forget()
        shop.clear(shop.before)
    shop.clear(shop.new)
    shop.closing.open()


def go_on(shop: Shop, journal: Journal) -> bool:
    """Finish or undo what was interrupted. True when the other release runs now, False when the one before still does."""
    if journal.phase == DONE:
        settle(shop, journal)
        return True
    if journal.phase in {CLOSED, READY}:
        shop.closing.shut()
        shop.closing.wait_until_empty(shop.say)
    if journal.phase == READY:
        finish(shop, journal)
        return True
    undo(shop, journal)
    return False
