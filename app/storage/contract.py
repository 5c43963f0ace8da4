"""What every place for files can do. One set of tests (tests/contract/test_storage.py) holds all of them to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Protocol

from app.shared.errors import AppError, NotFound, OutsideFault

# Not yet whole: no name may end so.
UNFINISHED = ".part"
_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*")
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A whole file: its name on the shelf, its size in bytes, and when it was last written."""

    name: str
    size: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """A file to be read from its beginning; `size` in bytes. Whoever opened it closes the stream."""

    stream: IO[bytes]
    size: int


class StorageAway(AppError, OutsideFault):
    """The place for files does not answer, refuses, or is full. Nothing was changed by what was asked.

    The message is for whoever sent or wants the file; `cause` says what went wrong, for logs and staff, without secrets.
    """

    def __init__(self, cause: str):
        super().__init__(
            "Our place for files does not answer just now, so this one could not be kept or fetched. "
            "Everything else you typed is here: please send the file again in a minute."
        )
        self.cause = cause


class FileGone(NotFound):
    """No file of this name is there."""

    def __init__(self) -> None:
        super().__init__("This file is no longer here. Please ask for it to be sent again.")


class Shelf(Protocol):
    """A flat or nested set of files under safe names. Every method may raise StorageAway, and does so in bounded time."""

    def put(self, name: str, content: bytes | IO[bytes]) -> None:
        """Keep the content under the name, in place of what was there. Nobody ever sees half of it."""

    def open(self, name: str) -> OpenedFile:
        """The whole file, ready to be read: once this returns, reading fails no more. FileGone when there is none."""

    def find(self, name: str) -> StoredFile | None:
        """What is known of it without reading it."""

    def remove(self, name: str) -> None:
        """Take it away; nothing happens when it is gone already."""

    def list(self) -> Iterator[StoredFile]:
        """Every whole file, in the order of their names; read as it goes, so that a million of them do no harm."""


def is_plain_name(name: str) -> bool:
    """Whether a file may be called so: letters, digits, dots, dashes, with no way out of its shelf."""
    parts = name.split("/")
    return (
        len(name) <= _LONGEST_NAME
        and not name.endswith(UNFINISHED)
        and all(_PART.fullmatch(part) is not None for part in parts)
    )
