"""Which packages a release needs, as its lock file tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.upgrade.packages import LOCK, Packages

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize("name", ["no-such-package", "no-such-package[with,extras]"])
def test_a_package_this_python_does_not_have_is_missing_with_extras_in_its_name_or_without(
    tmp_path: Path, name: str
):
    (tmp_path / LOCK).write_text(f"{name}==1.2.3 \\\n    --hash={DIGEST} \\\n    --hash={DIGEST}\n")
    assert Packages(tmp_path, tmp_path, tmp_path).missing == ["no-such-package"]
