"""`make upgrade-test`: there and back under load, and everything that can go wrong on the way. By name alone, for it is long."""

from __future__ import annotations

import resource
import signal
import subprocess
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.upgrade.migrations import read_migrations
from tests.upgrade.releases import NEW, OLD, build_release, take_earlier, take_present
from tests.upgrade.shop import UpgradedShop

pytestmark = pytest.mark.xdist_group("upgrade")
_FAILING = b'''"""A migration that changes a table and then cannot go on."""

import sqlalchemy as sa
from alembic import op

revision = "ffffffffffff"
down_revision = "%s"


def upgrade():
    op.create_table("half_way", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO no_such_table VALUES (1)")


def downgrade():
    op.drop_table("half_way")
'''


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("sources")
    return take_earlier(folder / "earlier"), take_present(folder / "present")


@pytest.fixture(scope="session")
def releases(sources: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("releases")
    return build_release(sources[0], OLD, folder), build_release(sources[1], NEW, folder)


@pytest.fixture
def shop(
    sources: tuple[Path, Path], releases: tuple[Path, Path], tmp_path: Path, empty_database: str
) -> Iterator[UpgradedShop]:
    url = "" if empty_database.startswith("sqlite") else empty_database
    with UpgradedShop(tmp_path / "home", sources[0], releases[0], url) as each:
        yield each


def state(shop: UpgradedShop) -> tuple[str, str, int]:
    [(at,)] = shop.ask("SELECT version_num FROM alembic_version")
    [(orders,)] = shop.ask("SELECT COUNT(*) FROM orders")
    return shop.version, at, orders


def test_there_and_back_and_there_again_under_load(shop: UpgradedShop, releases: tuple[Path, Path]) -> None:
    shop.start()
    shop.let_buyers_in()
    for arguments, version in (
        ((str(releases[1]), "--anyway"), NEW),
        (("--back",), OLD),
        ((str(releases[1]), "--anyway"), NEW),
    ):
        shop.wait_for_orders(4)
        status, said = shop.upgrade(*arguments)
        assert status == 0, said
        assert shop.version == version
    shop.wait_for_orders(4)
    shop.settle()
    assert shop.compare() == []
    assert shop.seen.statuses[503] > 0


def test_orders_since_are_lost_only_by_somebody_who_says_how_many(
    shop: UpgradedShop, releases: tuple[Path, Path]
) -> None:
    shop.start()
    assert shop.upgrade(str(releases[1]), "--anyway")[0] == 0
    shop.let_buyers_in()
    shop.wait_for_orders(3)
    shop.settle()
    orders = state(shop)[2]
    status, said = shop.upgrade("--back", "--to-backup")
    assert status == 1
    assert f"would lose {orders} orders" in said
    assert state(shop)[2] == orders
    status, said = shop.upgrade("--back", "--to-backup", "--lose", str(orders))
    assert status == 0, said
    assert state(shop)[::2] == (OLD, 0)


def test_a_migration_that_fails_leaves_the_shop_as_it_was(
    shop: UpgradedShop, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    shop.start()
    shop.let_buyers_in()
    shop.wait_for_orders(2)
    before = state(shop)
    head, _ = read_migrations(sources[1])
    bad = build_release(
        sources[1], "9.0.1", tmp_path, {"migrations/versions/2099_fails.py": _FAILING % head.encode()}
    )
    status, said = shop.upgrade(str(bad), "--anyway")
    assert status == 1
    assert "everything is as it was before" in said
    assert "no_such_table" in said
    assert "Traceback" not in said
    assert state(shop)[:2] == before[:2]
    shop.wait_for_orders(2)
    shop.settle()
    assert shop.compare() == []


@pytest.mark.parametrize("line", ["1/7", "2/7", "3/7", "4/7", "5/7", "6/7", "7/7"])
def test_killed_at_any_step_it_is_finished_or_undone_by_the_same_command(
    line: str, shop: UpgradedShop, releases: tuple[Path, Path]
) -> None:
    before = state(shop)
    process = subprocess.Popen(
        shop.command(str(releases[1]), "--anyway"), cwd=shop.folder, env=shop.environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    for said in process.stdout:
        if said.startswith(line):
            time.sleep(0.3)
            process.send_signal(signal.SIGKILL)
            break
    process.stdout.close()
    process.wait()
    status, said = shop.upgrade("--go-on")
    if shop.version == OLD:
        assert state(shop)[1:] == before[1:], said
        status, said = shop.upgrade(str(releases[1]), "--anyway")
        assert status == 0, said
    assert shop.version == NEW
    shop.start()
    assert shop.answers()


def test_what_cannot_be_done_is_refused_before_anything_is_touched(
    shop: UpgradedShop, releases: tuple[Path, Path], tmp_path: Path
) -> None:
    before = state(shop)
    whole = releases[1].read_bytes()
    broken = tmp_path / "broken.zip"
    broken.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
    outside = tmp_path / "outside.zip"
    with zipfile.ZipFile(releases[1]) as old, zipfile.ZipFile(outside, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        new.writestr("tradepost-9.0.0/../evil.py", "x")
    template = shop.folder / "app" / "templates" / "base.html"
    template.write_text(template.read_text() + "<!-- mine -->")
    for arguments, words in (
        ((str(broken),), "damaged"),
        ((str(outside),), "outside its folder"),
        ((str(releases[0]),), "is the one that runs"),
        ((str(tmp_path / "none.zip"),), "There is no file"),
        (("--back",), "no release to go back to"),
        ((str(releases[1]), "--anyway"), "app/templates/base.html"),
    ):
        status, said = shop.upgrade(*arguments)
        assert (status, words in said) == (1, True), said
        assert "Nothing was changed" in said
        assert state(shop) == before
        assert not (shop.folder / ".upgrade" / "closed").exists()


def test_a_full_disk_is_noticed_first(shop: UpgradedShop, releases: tuple[Path, Path]) -> None:
    """The owner's quota, in the shape of a limit on how large a file may grow."""
    done = subprocess.run(
        shop.command(str(releases[1]), "--anyway"), cwd=shop.folder, env=shop.environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8_000_000, 8_000_000)),
    )  # fmt: skip
    assert done.returncode == 1
    assert "not enough room" in done.stdout
    assert shop.version == OLD
