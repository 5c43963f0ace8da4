"""What several suites walk through."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.walking.stage import Stage, set_stage


@pytest.fixture
def stage(app: Flask) -> Stage:
    """The small shop, people who fill in its forms, and the forms."""
    return set_stage(app)
