"""Turns an uploaded picture into WebP files. Loaded by name on first use: Pillow stays out of a page's path."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from app.shared.picture_refused import PictureRefused

_FORMATS = ("JPEG", "PNG", "WEBP")
# 50 megapixels take about 200 MB while they are worked on; cheap hosts stop a process not far above that.
_MOST_PIXELS = 50_000_000
_LONGEST_SIDE = 12_000
_LEAST_SIDE = 40
_QUALITY = 80


@dataclass(frozen=True, slots=True)
class MadePictures:
    """The files by width, and the size in pixels of the largest."""

    files: dict[int, bytes]
    width: int
    height: int


def make_pictures(content: bytes, widths: Sequence[int]) -> MadePictures:
    """The picture at each of the widths it reaches, upright, in sRGB, without anything but its pixels."""
    image = _open_upright(content)
    most = min(image.width, max(widths))
    files: dict[int, bytes] = {}
    height = image.height
    for width in sorted({most, *(each for each in widths if each < most)}, reverse=True):
        height_here = max(1, round(image.height * width / image.width))
        smaller = (
            image if width == image.width else image.resize((width, height_here), Image.Resampling.LANCZOS)
        )
        height = height_here if width == most else height
        files[width] = _encode(smaller)
    return MadePictures(files, most, height)


def _open_upright(content: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=_FORMATS)
            _check_size(image.width, image.height)
            image.draft("RGB", (2400, 2400))
            image.load()
            return _plain(ImageOps.exif_transpose(image))
    except UnidentifiedImageError:
        raise PictureRefused("This is not a picture we can read. Choose a JPEG, PNG or WebP file.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefused(_too_large()) from None
    except (OSError, SyntaxError, ValueError, EOFError):
        # Pillow tells of broken files with any of these.
        raise PictureRefused("This picture is damaged. Save it again, then try once more.") from None


def _check_size(width: int, height: int) -> None:
    if width * height > _MOST_PIXELS or max(width, height) > _LONGEST_SIDE:
        raise PictureRefused(_too_large())
    if min(width, height) < _LEAST_SIDE:
        raise PictureRefused(
            f"This picture is only {width} × {height} pixels. Choose one at least 640 pixels wide."
        )


def _too_large() -> str:
    return f"This picture has more than {_MOST_PIXELS // 1_000_000} million pixels. Save it smaller, then try again."


def _plain(image: Image.Image) -> Image.Image:
    """Colours as every screen expects them, transparency kept, everything else in the file forgotten."""
    profile = image.info.get("icc_profile")
    has_alpha = "A" in image.getbands() or "transparency" in image.info
    if profile and image.mode in {"RGB", "CMYK", "RGBA"}:
        image = _to_srgb(image, profile)
    image = image.convert("RGBA" if has_alpha else "RGB")
    image.info = {}
    return image


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        converted = ImageCms.profileToProfile(image, source, target, outputMode=mode)
    except (ImageCms.PyCMSError, OSError):
        return image  # a broken profile: the colours as they are serve better than no picture
    return converted or image


def _encode(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "WEBP", quality=_QUALITY, method=4)
    return buffer.getvalue()
