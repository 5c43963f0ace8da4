"""instance/settings.toml as `make run` writes it: only what is missing, and only its own lines are ever changed.

A line that ends in `# sandbox` is the sandbox's own and follows the ports it picks. Every other line is a person's.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

MARK = "# sandbox"
_HEAD = f"""\
# Written by `make run` on its first start; every key is explained in settings.example.toml.
# Lines that end in "{MARK}" belong to the stand-ins of sandbox/ and follow the ports they get. To use a real service,
# write your own value and take the mark away. The environment wins over this file.

"""
_LINE = re.compile(r"^\s*([A-Za-z_]+)\s*=.*?(#\s*sandbox)?\s*$")
# What a value of our own looks like. A marked line with anything else in it was changed by a person.
_OWN = {
    "SITE_URL": r"http://[\w.\-]+:\d+",
    "SQUARE_BASE_URL": r"http://127\.0\.0\.1:\d+",
    "SQUARE_ACCESS_TOKEN": r"sandbox-token",
    "SQUARE_LOCATION_ID": r"SANDBOX_MAIN",
    "SQUARE_APPLICATION_ID": r"sandbox-sq0idb-tradepost",
    "MAIL_SERVER": r"127\.0\.0\.1",
    "MAIL_PORT": r"\d{4,5}",
    "MAIL_DEFAULT_SENDER": r".+\.example",
}


class SettingsFileBroken(Exception):
    """instance/settings.toml is no TOML; the message says where."""


class SettingsFile:
    """`given` is what a person set, `own` what the sandbox wrote; names in capitals, values as text."""

    def __init__(self, path: Path):
        self.path = path
        self.given: dict[str, str] = {}
        self.own: dict[str, str] = {}
        self._lines = path.read_text().splitlines() if path.is_file() else []
        marked = {found[1].upper() for line in self._lines if (found := _LINE.match(line)) and found[2]}
        for name, value in self._read().items():
            is_own = name in marked and re.fullmatch(_OWN.get(name, "(?!)"), value)
            (self.own if is_own else self.given)[name] = value

    def _read(self) -> dict[str, str]:
        try:
            return {
                name.upper(): _as_text(value) for name, value in tomllib.loads("\n".join(self._lines)).items()
            }
        except tomllib.TOMLDecodeError as error:
            raise SettingsFileBroken(f"{self.path} cannot be read: {error}") from error

    def keep(self, secrets: Mapping[str, str], own: Mapping[str, str]) -> None:
        """Add what is missing of both, and bring our own lines up to date; the file is its owner's alone (0600)."""
        lines = [self._renewed(line, own) for line in self._lines]
        known = {**self.given, **self.own}
        lines += [f"{name} = {json.dumps(value)}" for name, value in secrets.items() if name not in known]
        lines += [_own_line(name, value) for name, value in own.items() if name not in known]
        text = ("" if self._lines else _HEAD) + "\n".join(lines) + "\n"
        if lines != self._lines:
            _write_private(self.path, text)

    def _renewed(self, line: str, own: Mapping[str, str]) -> str:
        found = _LINE.match(line)
        name = found[1].upper() if found else ""
        if name in self.own and name in own and self.own[name] != own[name]:
            return _own_line(name, own[name])
        return line


def _own_line(name: str, value: str) -> str:
    return f"{name} = {value if value.isdigit() else json.dumps(value)}  {MARK}"


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _write_private(path: Path, text: str) -> None:
    """In one step, so that a stop in the middle leaves the old file whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
