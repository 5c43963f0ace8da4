"""The new release as it will stand in the shop's folder, put together beside it: with what the host and the owner changed."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from app.upgrade.htaccess import merge
from app.upgrade.own_changes import OwnChanges
from app.upgrade.refused import UpgradeRefused
from app.upgrade.release_zip import Release, unpack

_BESIDE = ".new"
# public/.htaccess is one of these, by how the host runs Python.
_STARTS = ("deploy/passenger.htaccess", "deploy/cgi.htaccess")
_PUBLIC = "public/.htaccess"


def check_code(changes: OwnChanges, *, may_replace: bool) -> None:
    """UpgradeRefused when the owner changed the shop's own code and did not say that it may go."""
    if changes.code and not may_replace:
        listed = "\n".join(f"  {name}" for name in changes.code)
        raise UpgradeRefused(
            f"These files of the shop's code were changed here, and the new release would replace them:\n{listed}\n"
            "Run the command again with --replace-changed if they may go (they are kept in .upgrade/changed/). "
            "Nothing was changed."
        )


def stage(
    release: Release,
    shop: Path,
    sums: dict[str, str],
    changes: OwnChanges,
    new: Path,
    say: Callable[[str], None],
) -> list[str]:
    """Unpack into `new`, then put theirs in its place wherever theirs must stay, and ours beside it as `….new`.

    Returns the names of the files in which theirs and ours were put together.
    """
    unpack(release, new)
    merged = [name for name in changes.hosts if _keep_theirs(name, release, shop, sums, new, say)]
    for name in changes.code:
        _copy(shop / name, shop / ".upgrade" / "changed" / name)
        say(f"  {name}: yours is kept in .upgrade/changed/, the release's takes its place.")
    for name in changes.extra:
        if not (new / name).exists():
            _copy(shop / name, new / name)
    return merged


def _keep_theirs(
    name: str, release: Release, shop: Path, sums: dict[str, str], new: Path, say: Callable[[str], None]
) -> bool:
    """True where both could be put together; else theirs stands, and ours lies beside it if it is another than before."""
    theirs, ours = shop / name, new / name
    if name not in release.sums or release.sums[name] == sums[name]:
        _copy(theirs, ours)
        return False
    merged = _merged(name, shop, sums, new)
    if merged is not None:
        ours.write_text(merged)
        say(f"  {name}: brought up to date; the lines your host wrote stay.")
        return True
    ours.rename(ours.with_name(ours.name + _BESIDE))
    _copy(theirs, ours)
    say(
        f"  {name}: you (or your host) changed it, so it stays. The release's lies beside it as {name}{_BESIDE}."
    )
    return False


def _merged(name: str, shop: Path, sums: dict[str, str], new: Path) -> str | None:
    if not name.endswith(".htaccess"):
        return None
    theirs = (shop / name).read_text(errors="replace")
    origins = (
        _STARTS
        if name == _PUBLIC
        else tuple(each for each in sums if sums[each] == sums[name] and each != name)
    )
    for origin in origins:
        if (shop / origin).is_file() and (new / origin).is_file():
            merged = merge(theirs, (shop / origin).read_text(errors="replace"), (new / origin).read_text())
            if merged is not None:
                return merged
    return None


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
