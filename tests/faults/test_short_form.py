"""The short form of the fault suite: real processes, some orders, some of every sort of fault, and the zeros."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.faults.__main__ import SEEDS
from tests.source import ROOT

pytestmark = pytest.mark.slow

_ORDERS = _FAULTS = 25
_SECONDS = 1200


def drive(mode: str, figures: Path) -> dict[str, Any]:
    """A run in a process of its own, for it is many threads and children; the test fails with all it said."""
    how_much = ["--orders", str(_ORDERS), "--faults", str(_FAULTS), "--each", "0", "--minutes", "8"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults", "--mode", mode, "--json", str(figures), *how_much],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    [result] = json.loads(figures.read_text())
    return dict(result)


@pytest.mark.parametrize("mode", sorted(SEEDS))
def test_no_money_no_order_and_no_goods_are_lost_whatever_is_killed(mode: str, tmp_path: Path) -> None:
    result = drive(mode, tmp_path / "figures.json")
    assert result["seed"] == SEEDS[mode]
    assert set(result["zeros"].values()) == {0}, result["lines"]
    assert result["orders"] >= _ORDERS
    assert result["faults"] >= _FAULTS
