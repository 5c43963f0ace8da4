"""An upgrade while buyers order, by real processes: from an earlier release's tables to this one's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.upgrade.releases import NEW, OLD, build_release, take_earlier, take_present
from tests.upgrade.shop import UpgradedShop

pytestmark = [pytest.mark.slow, pytest.mark.either_database, pytest.mark.xdist_group("upgrade")]
PANEL = "# php -- BEGIN cPanel-generated handler, do not edit\nAddType x-y .z\n# php -- END cPanel-generated handler, do not edit\n"


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[UpgradedShop]:
    source = take_earlier(tmp_path / "earlier")
    with UpgradedShop(tmp_path / "home", source, build_release(source, OLD, tmp_path)) as each:
        yield each


def test_no_order_is_lost_or_paid_twice_while_the_shop_is_upgraded(
    shop: UpgradedShop, tmp_path: Path
) -> None:
    release = build_release(take_present(tmp_path / "present"), NEW, tmp_path)
    htaccess = shop.folder / "public" / ".htaccess"
    htaccess.write_text(htaccess.read_text() + PANEL)
    shop.start()
    shop.let_buyers_in()
    shop.wait_for_orders(2)
    status, said = shop.upgrade(str(release), "--anyway")
    assert status == 0, said
    assert f"Done: {NEW} runs." in said
    assert shop.version == NEW
    shop.wait_for_orders(2)
    shop.settle()
    assert shop.compare() == []
    assert shop.seen.statuses[503] > 0
    assert "AddType x-y" in htaccess.read_text()
    [backup] = (shop.folder / "instance" / "backups").iterdir()
    assert backup.stat().st_mode & 0o777 == 0o600
