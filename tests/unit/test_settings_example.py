"""instance/settings.example.toml explains every setting there is, at the default it really has."""

from __future__ import annotations

import re
import tomllib
from dataclasses import MISSING, fields

import pytest

from app.settings import Settings, WrongSettings
from tests.source import ROOT

EXAMPLE = ROOT / "instance/settings.example.toml"
FIELDS = {field.name.upper(): field for field in fields(Settings) if field.name != "instance_path"}


def read_example() -> dict[str, object]:
    """Every line of it, those at their default too."""
    return tomllib.loads(re.sub(r"^#(?=[A-Z0-9_]+ = )", "", EXAMPLE.read_text(), flags=re.MULTILINE))


def test_every_setting_is_in_the_example_and_nothing_else_is():
    assert set(read_example()) == set(FIELDS)


def test_what_stands_at_its_default_says_the_default():
    told = {name: as_text(value) for name, value in read_example().items() if has_default(name)}
    assert told == {name: as_text(FIELDS[name].default) for name in told}


def has_default(name: str) -> bool:
    return FIELDS[name].default is not MISSING


def as_text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def test_a_copy_of_the_example_says_what_is_missing(tmp_path):
    (tmp_path / "settings.toml").write_text(EXAMPLE.read_text())
    with pytest.raises(WrongSettings) as wrong:
        Settings.from_env({"TRADEPOST_INSTANCE": str(tmp_path)})
    named = " ".join(wrong.value.problems)
    for name in ("SECRET_KEY", "DATA_KEY", "SITE_URL", "MAIL_DEFAULT_SENDER", "SQUARE_ACCESS_TOKEN"):
        assert name in named
