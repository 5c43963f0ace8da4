"""What the shop's processes wrote, read while it is written and looked through for what no log may hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

# What is secret by its form (app/request_log.py takes these out): cards' tokens and numbers, keys, hashes, whole e-mail
# addresses, links that open something, and anything signed with a moment in it (sessions, tokens of forms).
_FORMS = {
    "a card's token": re.compile(r"\b(?:cnon|ccof)[:-]\w"),
    "a card's number": re.compile(r"\b4\d{15}\b"),
    "a key": re.compile(r"[Bb]earer \S|\bEAAA\w|\bsq0[a-z]{3}-|gAAAAA"),
    "a hashed password": re.compile(r"\$argon2"),
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "a link that opens something": re.compile(r"/(?:verify|password/reset|pay)/(?!\[removed\]|<)[\w.-]{8,}"),
    "something signed": re.compile(r"\b[\w-]{8,}\.[\w-]{6}\.[\w-]{27}\b"),
}
_LONGEST = 200


def find_secrets(line: str, known: Iterable[str]) -> str:
    """What is secret in a line, in words; "" for nothing. `known` are this shop's own: keys, passwords, addresses."""
    for name, form in _FORMS.items():
        if form.search(line):
            return name
    return next(("one of the shop's own keys or passwords" for each in known if each in line), "")


class LogReader:
    """Reads on where it stopped, in files that may be moved away for new ones meanwhile."""

    def __init__(self, folder: Path, names: Iterable[str], known: Iterable[str]):
        self._paths = [folder / f"{name}.log" for name in names]
        self._known = tuple(each for each in known if each)
        self._open: dict[Path, BinaryIO] = {}
        self._rest: dict[Path, bytes] = {}
        self.lines = 0
        self.found: list[str] = []  # "what it is, where: the line"

    def read_on(self) -> None:
        """Look through what was added since the last time."""
        for path in self._paths:
            for line in self._new_lines(path):
                self.lines += 1
                name = find_secrets(line, self._known)
                if name:
                    self.found.append(f"{name} in {path.name}: {line[:_LONGEST]}")

    def close(self) -> None:
        """Read what is left, the last line too."""
        self.read_on()
        for file in self._open.values():
            file.close()

    def _new_lines(self, path: Path) -> Iterator[str]:
        file = self._open.get(path)
        if file is not None:
            yield from self._lines_of(path, file)
        with suppress(FileNotFoundError):
            if file is None or os.fstat(file.fileno()).st_ino != path.stat().st_ino:
                self._open[path] = path.open("rb")
                if file is not None:
                    file.close()
                yield from self._lines_of(path, self._open[path])

    def _lines_of(self, path: Path, file: BinaryIO) -> Iterator[str]:
        """Whole lines; what a killed process began stays with what comes after it."""
        text = self._rest.get(path, b"") + file.read()
        whole, _, self._rest[path] = text.rpartition(b"\n")
        yield from (line.decode(errors="replace") for line in whole.splitlines())
