"""What stands otherwise in the shop's folder than its release had it, by the release's own SHA256SUMS."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from app.upgrade.refused import UpgradeRefused
from app.upgrade.release_zip import SUMS, read_sums

# Folders that are the release's alone and are swapped as one; what else lies in them is carried along.
WHOLE_FOLDERS = ("app", "admin", "jobs", "migrations", "deploy", "public/static")
# What a host's panel or the owner may change: theirs stays. Everything else is the shop's code.
_HOSTS = ("deploy/", "public/", "instance/", ".htaccess", "passenger_wsgi.py")
_OF_CODE = ("public/static/",)


@dataclass(frozen=True)
class OwnChanges:
    """Names from the shop's folder: changed by the host or the owner; changed code; files the release does not know."""

    hosts: tuple[str, ...]
    code: tuple[str, ...]
    extra: tuple[str, ...]


def sums_of(shop: Path) -> dict[str, str]:
    """The checksums of the release that is unpacked there."""
    path = shop / SUMS
    if not path.is_file():
        raise UpgradeRefused(
            "This shop was not unpacked from a release (there is no SHA256SUMS), so it cannot be told what you changed. "
            "A working copy is upgraded with git (docs/upgrade.md). Nothing was changed."
        )
    return read_sums(path.read_text())


def find_changes(shop: Path, sums: dict[str, str]) -> OwnChanges:
    """Compare every file of the release with what is there; a file that was removed is no change."""
    changed = [name for name, digest in sums.items() if is_other(shop / name, digest)]
    is_hosts = {name: name.startswith(_HOSTS) and not name.startswith(_OF_CODE) for name in changed}
    return OwnChanges(
        tuple(name for name in changed if is_hosts[name]),
        tuple(name for name in changed if not is_hosts[name]),
        tuple(
            sorted(name for folder in WHOLE_FOLDERS for name in _files_in(shop, folder) if name not in sums)
        ),
    )


def is_other(path: Path, digest: str) -> bool:
    """Whether a file is there and is not what that SHA-256 belongs to."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() != digest


def _files_in(shop: Path, folder: str) -> list[str]:
    found = []
    for place, folders, names in os.walk(shop / folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [(Path(place) / name).relative_to(shop).as_posix() for name in names]
    return [name for name in found if not name.endswith((".pyc", ".new"))]
