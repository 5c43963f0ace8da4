"""The swap of the code, killed at each of its moves by kill -9, ends whole when it is run again."""

from __future__ import annotations

import os
import signal
from multiprocessing import get_context
from pathlib import Path

import pytest

from app.upgrade.journal import DONE, READY, Journal, find_journal
from app.upgrade.migrations import read_migrations
from app.upgrade.refused import UpgradeRefused
from app.upgrade.room import check_room
from app.upgrade.swap import Unit, plan, swap, turned
from tests.source import ROOT

OLD = {
    "app/a.py": "1", "app/gone.py": "1", "migrations/versions/one.py": "1", "public/static/s.css": "1", "public/.htaccess": "1",
    "wsgi.py": "1", "dropped.txt": "1", "VERSION": "1", "SHA256SUMS": "1", "public/tradepost.cgi": "same",
}  # fmt: skip
NEW = {
    "app/a.py": "2", "app/come.py": "2", "migrations/versions/one.py": "1", "deploy/x.conf": "2", "public/static/s.css": "2",
    "public/.htaccess": "2", "upgrading.py": "2", "wsgi.py": "2", "VERSION": "2", "SHA256SUMS": "2",
    "public/tradepost.cgi": "same",
}  # fmt: skip
THEIRS = {
    "instance/settings.toml": "keys",
    ".venv/bin/python": "python",
    "public/media/tea.webp": "tea",
    "error_log": "!",
}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path / "shop", OLD | THEIRS)
    write(tmp_path / "new", NEW)
    return tmp_path / "shop"


def plan_of(shop: Path) -> list[Unit]:
    return plan(shop, set(OLD), shop.parent / "new")


def test_the_new_release_comes_and_the_old_one_is_kept(shop: Path) -> None:
    units = plan_of(shop)
    swap(units, shop, shop.parent / "before", shop.parent / "new")
    assert read(shop) == NEW | THEIRS
    assert read(shop.parent / "before") == OLD
    swap(turned(units), shop, shop.parent / "after", shop.parent / "before")
    assert read(shop) == OLD | THEIRS
    assert read(shop.parent / "after") == NEW


def swap_until(units: list[Unit], shop: Path, away: Path, here: Path, move: int) -> int | None:
    """Exit status of a process that swaps and is killed before that move."""
    moves = iter(range(1, 1000))

    def step() -> None:
        if next(moves) == move:
            os.kill(os.getpid(), signal.SIGKILL)

    process = get_context("fork").Process(target=swap, args=(units, shop, away, here, step))
    process.start()
    process.join()
    return process.exitcode


def test_killed_at_any_move_it_is_finished_by_running_it_again(shop: Path) -> None:
    """Every process dies one move later than the one before it, until one gets through; each goes on where the last died."""
    away, here = shop.parent / "before", shop.parent / "new"
    units = plan_of(shop)
    deaths = 0
    while (status := swap_until(units, shop, away, here, 2)) == -signal.SIGKILL:
        deaths += 1
        seen = read(shop)
        # No file of the shop's start is ever missing, and nothing of the owner's moves.
        assert {"wsgi.py", "VERSION", "public/.htaccess"} <= set(seen)
        assert THEIRS.items() <= seen.items()
    assert status == 0
    assert deaths > 10
    assert read(shop) == NEW | THEIRS
    assert read(away) == OLD


def test_the_journal_tells_what_is_left_to_do(tmp_path: Path) -> None:
    assert find_journal(tmp_path) is None
    first = Journal(tmp_path, phase=DONE, version_to="1.0", units=[Unit("app", True, True, True)])
    first.write()
    second = Journal(tmp_path, prior=first.told() | {"prior": None})
    second.touch("packages")
    second.write(phase=READY)
    found = find_journal(tmp_path)
    assert found is not None
    assert (found.phase, found.touched) == (READY, ["packages"])
    found.forget()
    assert find_journal(tmp_path) == first
    first.forget()
    assert list(tmp_path.iterdir()) == []


def test_the_last_migration_is_read_without_loading_one(tmp_path: Path) -> None:
    end, every = read_migrations(ROOT)
    assert len(every) == len(list((ROOT / "migrations/versions").glob("*.py")))
    assert end in every
    write(
        tmp_path / "migrations/versions",
        {"a.py": 'revision = "a"\ndown_revision = None\n', "b.py": 'revision = "b"\n'},
    )
    with pytest.raises(UpgradeRefused, match="end in 2 places"):
        read_migrations(tmp_path)


def test_a_full_disk_is_found_before_anything_begins(tmp_path: Path) -> None:
    check_room(tmp_path, 1000)
    with pytest.raises(UpgradeRefused, match="not enough room"):
        check_room(tmp_path, 10**18)
    assert list(tmp_path.iterdir()) == []
