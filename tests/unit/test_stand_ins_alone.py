"""The stand-ins and whoever starts them know nothing of the shop: they start in a moment and stay small."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.source import ROOT


@pytest.mark.parametrize(
    "module", ["sandbox.run", "sandbox.tour", "sandbox.square.__main__", "sandbox.mail.__main__"]
)
def test_it_starts_without_the_shop(module: str):
    code = f"import {module}, sys; print([name for name in sys.modules if name.split('.')[0] in ('app', 'sqlalchemy')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
