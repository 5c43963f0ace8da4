"""What a drawing gets to know, and the paper every product carries: labels, bands and tags."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from .canvas import Canvas
from .colour import INK, KRAFT, PAPER, Palette, Rgb, darker, is_dark, lighter, mix
from .geometry import Path, Point, box, oval, turn, wrap
from .lettering import fit

HOUSE = "HARBOR & PINE"


@dataclass(frozen=True)
class Look:
    """One product's colours and words. `body` is the variant's colour or the range's own."""

    palette: Palette
    body: Rgb
    label: str
    variant: str | None
    rng: Random

    @property
    def deep(self) -> Rgb:
        return darker(self.body, 0.3)

    @property
    def pale(self) -> Rgb:
        return lighter(self.body, 0.55)


Draw = Callable[[Canvas, Look], None]


@dataclass(frozen=True)
class Kind:
    """How to draw a kind of product, and where: standing on a table, hanging on a wall, lying flat."""

    draw: Draw
    stage: str = "table"
    props: bool = True
    zoom: float = 1.22


def _words(c: Canvas, look: Look, centre: Point, half: float, height: float, ink: Rgb) -> None:
    """House line, name and variant, stacked and centred in a box."""
    x, y = centre
    width = half * 1.66
    top = y - height / 2
    small = min(height * 0.072, half * 0.15, 15.0)
    shows_variant = bool(look.variant) and height > 90
    lines, size = fit(look.label, "serif", width, height * (0.44 if shows_variant else 0.52), 62)
    middle = y + height * (0.0 if shows_variant else 0.05)
    if height > 80:
        c.text(HOUSE, (x, top + height * 0.13), small, ink, "sans")
        c.shape(box(x - half * 0.16, top + height * 0.205, x + half * 0.16, top + height * 0.205 + 2), ink)
    start = middle - (len(lines) - 1) * size * 0.52
    for i, line in enumerate(lines):
        c.text(line, (x, start + i * size * 1.04), size, ink)
    if shows_variant and look.variant:
        words, small_size = fit(look.variant, "italic", width, height * 0.13, 30)
        c.text(" ".join(words), (x, y + height * 0.36), small_size, ink, "italic")


def round_label(
    c: Canvas, look: Look, span: tuple[float, float], r: float, half: float, cx: float = 500
) -> None:
    """A paper label around a turned body, from y `span[0]` to `span[1]`."""
    paper = look.palette.paper
    top, bottom = span
    band = wrap(cx, top, bottom, r, half)
    c.shape(band, paper)
    c.shape(wrap(cx, top, bottom, r, half)[:25] + wrap(cx, top + 5, bottom, r, half)[:25][::-1], look.body)
    c.shape(wrap(cx, bottom - 12, bottom, r, half), look.body)
    if half > r * 0.9:
        side = [(x, y) for x, y in band if x >= cx + r * 0.52]
        if len(side) > 2:
            c.shape(side, (70, 52, 44), alpha=0.10)
    sag = r * 0.17 * 0.9
    _words(c, look, (cx, (top + bottom) / 2 + sag - 4), half * 0.9, (bottom - top) - 20, look.palette.ink)


def flat_label(
    c: Canvas,
    look: Look,
    area: tuple[float, float, float, float],
    paper: Rgb | None = None,
    frame: bool = True,
) -> None:
    """A flat printed panel (boxes, sacks, books of matches)."""
    x0, y0, x1, y1 = area
    ground = paper or look.palette.paper
    ink = PAPER if is_dark(ground) else look.palette.ink
    c.shape(box(x0, y0, x1, y1, 4), ground)
    if frame:
        inner = box(x0 + 9, y0 + 9, x1 - 9, y1 - 9, 2)
        c.shape(inner, mix(ground, ink, 0.55), holes=[box(x0 + 11, y0 + 11, x1 - 11, y1 - 11, 2)])
    _words(c, look, ((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0) * 0.46, (y1 - y0) * 0.92, ink)


def tag(c: Canvas, look: Look, knot: Point, angle: float = 8, size: float = 1.0, paper: Rgb = KRAFT) -> None:
    """A paper tag hanging from a knot by a short thread."""
    x, y = knot
    w, h = 84 * size, 150 * size
    top = y + 46 * size
    outline: Path = [
        (x - w * 0.28, top), (x + w * 0.28, top), (x + w / 2, top + 26 * size),
        (x + w / 2, top + h), (x - w / 2, top + h), (x - w / 2, top + 26 * size),
    ]  # fmt: skip
    ink = PAPER if is_dark(paper) else INK
    card = turn(outline, angle, knot)
    hole = turn(oval(x, top + 18 * size, 6 * size), angle, knot)
    c.cast(card, 0.22, 6, 8, 7)
    c.shape(card, paper, holes=[hole])
    eye = turn([(x, top + 16 * size)], angle, knot)[0]
    c.line([knot, ((knot[0] + eye[0]) / 2 + 5, (knot[1] + eye[1]) / 2), eye], 3, darker(PAPER, 0.35))
    lines, letters = fit(look.label, "serif", w * 0.84, h * 0.5, 24 * size)
    for i, line in enumerate(lines):
        y_line = top + h * 0.6 + (i - (len(lines) - 1) / 2) * letters * 1.05
        at = turn([(x, y_line)], angle, knot)[0]
        c.text(line, at, letters, ink, "serif", angle)


def belly_band(c: Canvas, look: Look, area: tuple[float, float, float, float], roll: float = 0.0) -> None:
    """A paper sleeve around folded cloth or a bar of soap."""
    x0, y0, x1, y1 = area
    c.shape(box(x0, y0, x1, y1), look.palette.paper, roll)
    c.shape(box(x0, y0 + 8, x1, y0 + 11), look.body)
    c.shape(box(x0, y1 - 11, x1, y1 - 8), look.body)
    _words(c, look, ((x0 + x1) / 2, (y0 + y1) / 2), (x1 - x0) * 0.46, (y1 - y0) * 0.88, look.palette.ink)
