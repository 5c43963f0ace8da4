"""The Python packages a release needs: fetched before anything changes, put in place while the shop is closed, taken back.

Only what its requirements.lock names, with the digests that stand there, and wheels alone: nothing is compiled.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from app.upgrade.refused import UpgradeRefused

LOCK = "requirements.lock"
# Extras in a name are read past: what they bring along has lines of its own.
_STANZA = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^\]\n]+\])?==([^\s;\\]+)([^\n]*(?:\\\n[^\n]*)*)\n?", re.MULTILINE
)
# Hosts where Apache starts the shop do not have it, and need not.
_NOT_EVERYWHERE = frozenset({"gunicorn"})


class Packages:
    """What `new` needs and this Python does not have; `place` keeps the wheels of both releases."""

    def __init__(self, old: Path, new: Path, place: Path):
        self._place = place
        self._old = _stanzas(old / LOCK)
        needed = _stanzas(new / LOCK)
        self.missing = [name for name in needed if _is_missing(name, *needed[name])]
        self._needed = needed

    def fetch(self, say: Callable[[str], None]) -> None:
        """Download the missing ones, and those they replace, for the way back. UpgradeRefused when they cannot be had."""
        if not self.missing:
            return
        say(
            f"  fetching {len(self.missing)} packages: {', '.join(self.missing[:6])}{' …' if len(self.missing) > 6 else ''}"
        )
        self._download("packages-new", self.missing, self._needed)
        # One that is new has no version to go back to.
        replaced = [
            name for name in self.missing if name in self._old and _installed(name) == self._old[name][0]
        ]
        self._download("packages-old", replaced, self._old)

    def _download(self, folder: str, names: list[str], stanzas: dict[str, tuple[str, str]]) -> None:
        target = self._place / folder
        target.mkdir(parents=True, exist_ok=True)
        wanted = target / "wanted.txt"
        wanted.write_text("".join(f"{name}=={stanzas[name][0]}{stanzas[name][1]}\n" for name in names))
        if not names:
            return
        said = _pip(
            "download",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--require-hashes",
            "-d",
            str(target),
            "-r",
            str(wanted),
        )
        if said:
            raise UpgradeRefused(
                "The packages this release needs could not be fetched. Nothing was changed. "
                "Is this machine offline? Then run, on one with the same Python that is not,\n"
                f"  pip download --no-deps --only-binary :all: --require-hashes -r {wanted.name} -d wheels\n"
                f"with {wanted}, bring the folder here, and run\n"
                f"  {sys.executable} -m pip install --no-index --find-links wheels --require-hashes -r {wanted}\n"
                f"before the upgrade. pip said:\n{said}"
            )


def put_in_place(place: Path, which: str) -> None:
    """Install "new", or "old" again, from what was fetched; UpgradeRefused with pip's words."""
    folder = place / f"packages-{which}"
    wanted = folder / "wanted.txt"
    if not wanted.is_file() or not wanted.read_text().strip():
        return
    said = _pip(
        "install",
        "--no-deps",
        "--no-index",
        "--find-links",
        str(folder),
        "--require-hashes",
        "-r",
        str(wanted),
    )
    if said:
        raise UpgradeRefused(f"The packages could not be installed. pip said:\n{said}")


def _pip(*arguments: str) -> str:
    """ "" when it went well, else its last words."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603
    return (done.stderr or done.stdout or "nothing")[-1200:] if done.returncode else ""


def _stanzas(lock: Path) -> dict[str, tuple[str, str]]:
    """Name → (version, the rest of its lines with marker and digests); empty without a lock file."""
    if not lock.is_file():
        return {}
    return {found[1].lower(): (found[2], found[3]) for found in _STANZA.finditer(lock.read_text())}


def _is_missing(name: str, version: str, rest: str) -> bool:
    installed = _installed(name)
    # A line with a condition (another system, an older Python) is no need of its own: pip would know, and has been asked.
    if installed is None and (name in _NOT_EVERYWHERE or ";" in rest.partition("\\")[0]):
        return False
    return installed != version


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
