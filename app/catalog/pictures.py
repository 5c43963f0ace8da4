"""Public pictures of the catalogue: stored as WebP at several widths, and their addresses."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from flask import current_app, url_for

from app.settings import Settings
from app.shared.picture_refused import PictureRefused
from app.storage.contract import Shelf

WIDTHS = (160, 320, 640, 1200)
# Large enough for a photograph straight out of a camera.
MOST_BYTES = 15 * 1024 * 1024
# Raise this when the files made for one and the same original change, so that they get new names.
_RECIPE = b"webp-1:"
_SAFE_NAME = re.compile(r"[0-9a-f]{32}-[0-9]{1,4}\.webp")


class HasWidths(Protocol):
    """A picture that is stored: a ProductImage, a Picture or a StoredPicture."""

    @property
    def stored_name(self) -> str: ...
    @property
    def widths(self) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class StoredPicture:
    """What a ProductImage keeps of a picture: width and height in pixels of its largest file, and all its widths."""

    stored_name: str
    width: int
    height: int
    widths: tuple[int, ...]


class _ImageRow(HasWidths, Protocol):
    @property
    def alt(self) -> str: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as templates show it."""

    stored_name: str
    alt: str
    width: int
    height: int
    widths: tuple[int, ...]

    @classmethod
    def of(cls, image: _ImageRow, otherwise: str = "") -> Picture:
        """From a stored row; `otherwise` is said where it has no words of its own for who cannot see it."""
        return cls(image.stored_name, image.alt or otherwise, image.width, image.height, tuple(image.widths))


@dataclass(frozen=True, slots=True)
class MadePicture:
    """A picture's files, by their names, ready to be put on a shelf."""

    stored: StoredPicture
    files: Mapping[str, bytes]


def store_picture(data: bytes | IO[bytes], *, shelf: Shelf) -> StoredPicture:
    """make_picture(), and its files onto the shelf; StorageAway when they cannot be kept just now."""
    made = make_picture(data)
    put_files(made, shelf)
    return made.stored


def put_files(made: MadePicture, shelf: Shelf) -> None:
    """Written even where they are: files of a picture that was taken off long ago may be about to be cleared away, and
    are left when they are new."""
    for name, content in made.files.items():
        shelf.put(name, content)


def make_picture(data: bytes | IO[bytes]) -> MadePicture:
    """Check a JPEG, PNG or WebP by its content and make its files, `<stored_name>-<width>.webp`.

    The name is a digest of the content, so the same picture is stored once. PictureRefused when it is no picture,
    too heavy or too large; nothing that was in the file beside the pixels (place, camera) is kept.
    """
    content = data if isinstance(data, bytes) else data.read(MOST_BYTES + 1)
    if not content:
        raise PictureRefused("This file is empty. Choose a JPEG, PNG or WebP picture.")
    if len(content) > MOST_BYTES:
        raise PictureRefused(
            f"This picture is heavier than {MOST_BYTES // 1024**2} MB. Save it smaller, then try again."
        )
    maker = importlib.import_module("app.shared.picture_maker")
    made = maker.make_pictures(content, WIDTHS)
    name = hashlib.sha256(_RECIPE + content).hexdigest()[:32]
    stored = StoredPicture(name, made.width, made.height, tuple(sorted(made.files)))
    return MadePicture(stored, {file_name(name, width): made.files[width] for width in stored.widths})


def picture_url(image: HasWidths, width: int) -> str:
    """The address of the smallest stored file that is at least so wide, or of the widest."""
    chosen = min((each for each in image.widths if each >= width), default=max(image.widths))
    return _address(image.stored_name, chosen)


def srcset(image: HasWidths) -> str:
    """Every stored width, for a srcset attribute."""
    return ", ".join(f"{_address(image.stored_name, each)} {each}w" for each in sorted(image.widths))


def is_safe_name(name: str) -> bool:
    """Whether the name is one that store_picture gives its files: nothing else is ever served."""
    return _SAFE_NAME.fullmatch(name) is not None


def file_name(stored_name: str, width: int) -> str:
    """What the file of one width is called."""
    return f"{stored_name}-{width}.webp"


def stem_of(name: str) -> str:
    """The stored name a file of any width belongs to."""
    return name.rpartition("-")[0]


def _address(stored_name: str, width: int) -> str:
    settings: Settings = current_app.extensions["settings"]
    name = file_name(stored_name, width)
    return f"{settings.media_url}/{name}" if settings.media_url else url_for("pages.media", name=name)
