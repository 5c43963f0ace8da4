"""What stands in a backup's manifest.json: from what version it is, and every member with its size and checksum."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from app.backup.cells import KINDS, Column, TableShape
from app.backup.refused import BackupDamaged

NAME = "manifest.json"
SETTINGS = "settings.toml"
DATABASE = "database/"
FOLDERS = ("uploads/", "media/")
# Raised when an older Tradepost could no longer read the file.
FORMAT = 1
_SAFE_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_SAFE_WORD = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the archive: `size` in bytes and `sha256` in hex, both of what it unpacks to."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table and how many lines its member has."""

    shape: TableShape
    rows: int

    @property
    def member(self) -> str:
        return f"{DATABASE}{self.shape.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """`migration` is the revision the tables stood at, `key_checks` fingerprints of the
    DATA_KEY, and the old one while keys are rotated, that open what is secret in them."""

    shop_version: str
    migration: str
    made_at: datetime
    engine: str
    key_checks: tuple[str, ...]
    tables: tuple[TableRows, ...]
    members: tuple[Member, ...]
    format: int = FORMAT

    def rows_of(self, table: str) -> int:
        """How many rows the backup has of a table; 0 of one it does not know."""
        return sum(each.rows for each in self.tables if each.shape.name == table)

    @property
    def files(self) -> tuple[Member, ...]:
        """Uploads and pictures."""
        return tuple(member for member in self.members if member.name.startswith(FOLDERS))


def write_manifest(manifest: Manifest) -> bytes:
    """The manifest as it stands in the archive."""
    values = asdict(manifest) | {"made_at": manifest.made_at.isoformat()}
    return json.dumps(values, indent=1).encode()


def read_format(text: bytes) -> int:
    """Which format the backup has: readable whatever else has changed in a later one."""
    try:
        return int(json.loads(text)["format"])
    except (ValueError, TypeError, KeyError):
        raise BackupDamaged("its list of contents cannot be read") from None


def read_manifest(text: bytes) -> Manifest:
    """The manifest of this format, every name and number in it checked; BackupDamaged otherwise."""
    try:
        values = json.loads(text)
        manifest = Manifest(
            shop_version=str(values["shop_version"]),
            migration=str(values["migration"]),
            made_at=datetime.fromisoformat(values["made_at"]),
            engine=str(values["engine"]),
            key_checks=tuple(str(each) for each in values["key_checks"]),
            tables=tuple(_read_table(each) for each in values["tables"]),
            members=tuple(_read_member(each) for each in values["members"]),
            format=int(values["format"]),
        )
    except (ValueError, TypeError, KeyError) as error:
        raise BackupDamaged(f"its list of contents is not right ({error})") from None
    _check(manifest)
    return manifest


def is_safe_name(name: str) -> bool:
    """Whether a member may be called so: one of ours, with no way out of the folder it is unpacked to."""
    if name == SETTINGS:
        return True
    folder, _, rest = name.partition("/")
    parts = rest.split("/")
    return f"{folder}/" in {DATABASE, *FOLDERS} and all(_SAFE_PART.fullmatch(part) for part in parts)


def _read_table(values: dict[str, Any]) -> TableRows:
    shape = values["shape"]
    columns = tuple(
        Column(str(each["name"]), str(each["kind"]), int(each["scale"])) for each in shape["columns"]
    )
    table = TableRows(
        TableShape(str(shape["name"]), columns, tuple(str(key) for key in shape["key"])), int(values["rows"])
    )
    words = [table.shape.name, *table.shape.key, *(column.name for column in columns)]
    wrong = [word for word in words if not _SAFE_WORD.fullmatch(word)]
    wrong += [column.kind for column in columns if column.kind not in KINDS]
    if wrong or table.rows < 0 or not columns:
        raise ValueError(f"table {shape['name']!r}")
    return table


def _read_member(values: dict[str, Any]) -> Member:
    member = Member(str(values["name"]), int(values["size"]), str(values["sha256"]))
    if not is_safe_name(member.name) or member.size < 0 or not _SHA256.fullmatch(member.sha256):
        raise ValueError(f"member {member.name!r}")
    return member


def _check(manifest: Manifest) -> None:
    names = [member.name for member in manifest.members]
    told = {table.member for table in manifest.tables}
    there = {name for name in names if name.startswith(DATABASE)}
    if len(set(names)) != len(names) or told != there or len(told) != len(manifest.tables):
        raise BackupDamaged("its list of contents contradicts itself")
    if manifest.made_at.tzinfo is None:
        raise BackupDamaged("its list of contents does not say when it was made")
