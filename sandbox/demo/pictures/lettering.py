"""Type on labels: the open serif Instrument Serif (SIL OFL 1.1) and, for small capitals, Pillow's own sans."""

from functools import lru_cache
from pathlib import Path

import fontpkg_instrument_serif
from PIL import ImageFont

_FILES = Path(fontpkg_instrument_serif.ROOT) / "files"
_MEASURE = 200


@lru_cache(maxsize=256)
def font(face: str, pixels: int) -> ImageFont.FreeTypeFont:
    """`serif`, `italic` or `sans` at a size in pixels."""
    if face == "sans":
        return _sans(pixels)
    name = "InstrumentSerif-Italic.ttf" if face == "italic" else "InstrumentSerif-Regular.ttf"
    return ImageFont.truetype(_FILES / name, pixels, layout_engine=ImageFont.Layout.BASIC)


def _sans(pixels: int) -> ImageFont.FreeTypeFont:
    built_in = ImageFont.load_default(pixels)
    if not isinstance(built_in, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow is built without FreeType; install a Pillow wheel from PyPI.")
    return built_in


@lru_cache(maxsize=2048)
def width_of(text: str, face: str) -> float:
    """Width of a text at size 1."""
    return font(face, _MEASURE).getlength(text) / _MEASURE


def fit(text: str, face: str, width: float, height: float, largest: float) -> tuple[list[str], float]:
    """Break a text into at most four lines so that it fits a box as large as it can; lines and size."""
    words = text.split()
    best: tuple[list[str], float] = ([text], 0.0)
    for count in range(1, min(4, len(words)) + 1):
        lines = _balanced(words, count, face)
        widest = max(width_of(line, face) for line in lines)
        size = min(largest, width / widest, height / (len(lines) * 1.04))
        if size > best[1] * 1.02:
            best = (lines, size)
    return best


def _balanced(words: list[str], count: int, face: str) -> list[str]:
    """The split into `count` lines whose widest line is narrowest."""
    if count == 1:
        return [" ".join(words)]
    options = []
    for cut in range(1, len(words) - count + 2):
        rest = _balanced(words[cut:], count - 1, face)
        lines = [" ".join(words[:cut]), *rest]
        options.append((max(width_of(line, face) for line in lines), lines))
    return min(options)[1]
