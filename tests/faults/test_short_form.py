"""The short form of the fault suite: real processes, some orders, some of every sort of fault, and the zeros, which
`tests/conftest.py` prints at the end of the whole run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.__main__ import SEEDS
from tests.faults.report import say_briefly
from tests.source import AT_THE_END, ROOT

pytestmark = pytest.mark.slow

_ORDERS = _FAULTS = 25
_SECONDS = 1200


def drive(mode: str, figures: Path) -> tuple[dict[str, Any], str]:
    """A run in a process of its own, for it is many threads and children: its figures ({} where it came to none) and
    all it said when it failed."""
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
    [result] = json.loads(figures.read_text()) if figures.is_file() else [{}]
    return dict(result), done.stdout if done.returncode else ""


@pytest.mark.parametrize("mode", sorted(SEEDS))
def test_no_money_no_order_and_no_goods_are_lost_whatever_is_killed(
    mode: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    result, trouble = drive(mode, tmp_path / "figures.json")
    if result:
        record_property(AT_THE_END, say_briefly(result))
    assert not trouble, trouble
    assert result["seed"] == SEEDS[mode]
    assert set(result["zeros"].values()) == {0}, result["lines"]
    assert result["orders"] >= _ORDERS
    assert result["faults"] >= _FAULTS
    assert result["log_lines"] >= _ORDERS  # or nothing was looked through for secrets
