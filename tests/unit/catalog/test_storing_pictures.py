"""Pictures of the catalogue: what is taken, and what is kept of it."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from app.catalog.pictures import MOST_BYTES, PictureRefused, StoredPicture, store_picture
from app.storage.folder import FolderShelf


def encode(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def left_red(width: int = 1600, height: int = 1000) -> Image.Image:
    """Red on its left half, blue on its right."""
    image = Image.new("RGB", (width, height), "blue")
    image.paste("red", (0, 0, width // 2, height))
    return image


def opened(folder: Path, stored: StoredPicture, width: int) -> Image.Image:
    return Image.open(io.BytesIO((folder / f"{stored.stored_name}-{width}.webp").read_bytes()))


def test_a_picture_is_kept_as_webp_at_four_widths(tmp_path: Path) -> None:
    stored = store_picture(encode(left_red()), shelf=FolderShelf(tmp_path, is_private=False))
    assert stored.widths == (160, 320, 640, 1200)
    assert (stored.width, stored.height) == (1200, 750)
    for width in stored.widths:
        image = opened(tmp_path, stored, width)
        assert (image.format, image.size) == ("WEBP", (width, width * 5 // 8))


def test_a_small_picture_is_not_blown_up(tmp_path: Path) -> None:
    stored = store_picture(
        io.BytesIO(encode(left_red(500, 400), "PNG")), shelf=FolderShelf(tmp_path, is_private=False)
    )
    assert stored.widths == (160, 320, 500)
    assert (stored.width, stored.height) == (500, 400)


def test_a_picture_taken_sideways_stands_upright_and_says_nothing_of_where(tmp_path: Path) -> None:
    notes = Image.Exif()
    notes[0x0112] = 6  # orientation: turn a quarter clockwise
    notes[0x010F] = "A camera"
    stored = store_picture(encode(left_red(), exif=notes), shelf=FolderShelf(tmp_path, is_private=False))
    image = opened(tmp_path, stored, 160).convert("RGB")
    assert image.size == (160, 256)
    top, bottom = image.getpixel((80, 20)), image.getpixel((80, 236))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > bottom[0]
    assert b"A camera" not in (tmp_path / f"{stored.stored_name}-640.webp").read_bytes()
    assert not opened(tmp_path, stored, 160).getexif()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_every_kind_of_pixels_is_understood(tmp_path: Path, mode: str) -> None:
    image = Image.new(mode, (200, 200))
    stored = store_picture(
        encode(image, "JPEG" if mode == "CMYK" else "PNG"), shelf=FolderShelf(tmp_path, is_private=False)
    )
    assert opened(tmp_path, stored, 200).size == (200, 200)


@pytest.mark.parametrize(
    "profile", [ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), b"broken"]
)
def test_a_colour_profile_is_worked_in_and_not_kept(tmp_path: Path, profile: bytes) -> None:
    stored = store_picture(
        encode(left_red(), icc_profile=profile), shelf=FolderShelf(tmp_path, is_private=False)
    )
    assert "icc_profile" not in opened(tmp_path, stored, 160).info


def test_the_same_picture_is_stored_once(tmp_path: Path) -> None:
    first = store_picture(encode(left_red()), shelf=FolderShelf(tmp_path, is_private=False))
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert store_picture(encode(left_red()), shelf=FolderShelf(tmp_path, is_private=False)) == first
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == files


def bomb() -> bytes:
    """A few bytes that claim to be 900 million pixels."""
    small = encode(Image.new("1", (50, 50)), "PNG")
    start = small.index(b"IHDR")
    header = b"IHDR" + struct.pack(">II", 30_000, 30_000) + small[start + 12 : start + 17]
    return small[:start] + header + struct.pack(">I", zlib.crc32(header)) + small[start + 21 :]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"<svg onload='alert(1)'/>", "not a picture we can read"),
        (b"%PDF-1.7", "not a picture we can read"),
        (encode(left_red(), "GIF"), "not a picture we can read"),
        (encode(left_red())[:3000], "damaged"),
        (encode(left_red(), "PNG")[:60], "damaged"),
        (b"x" * (MOST_BYTES + 1), "heavier than 15 MB"),
        (encode(Image.new("L", (8000, 8000)), "PNG"), "more than 50 million pixels"),
        (encode(Image.new("L", (13_000, 100)), "PNG"), "more than 50 million pixels"),
        (encode(Image.new("L", (20, 20)), "PNG"), "only 20 × 20 pixels"),
    ],
)  # fmt: skip
def test_what_is_no_picture_is_refused_in_words(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(PictureRefused, match=says):
        store_picture(content, shelf=FolderShelf(tmp_path, is_private=False))
    assert list(tmp_path.iterdir()) == []


def test_a_decompression_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    with pytest.raises(PictureRefused, match="million pixels"):
        store_picture(bomb(), shelf=FolderShelf(tmp_path, is_private=False))
