"""The drawing board: remembers shapes in order, then paints them at twice the size and halves the picture.

Painting knows one light, from the upper left: every rounded shape gets the same two-step shade on its right.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from .colour import Rgb, darker, lighter
from .geometry import Path, Point, oval, scale, shift, stroke
from .lettering import font

WIDTH, HEIGHT = 1000, 1250
SUPERSAMPLE = 2
SHADOW_STEP = 8  # shadows are painted on a board this many times smaller: they are soft anyway
FLOOR = 1010.0  # where things stand
MIDDLE = 500.0


@dataclass(frozen=True)
class Shape:
    """A filled outline; `roll` is how much of its width turns away from the light."""

    path: Path
    colour: Rgb
    roll: float = 0.0
    glint: float = 0.0
    alpha: float = 1.0
    holes: tuple[Path, ...] = ()
    inside: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Shadow:
    path: Path
    strength: float
    blur: float


@dataclass(frozen=True)
class Lettering:
    text: str
    at: Point
    size: float
    colour: Rgb
    face: str
    angle: float = 0.0


Mark = Shape | Shadow | Lettering


class Canvas:
    """Collects marks in units of the board, 1000 by 1250; `paint` makes the picture."""

    def __init__(self) -> None:
        self.marks: list[Mark] = []

    def shape(
        self,
        path: Path,
        colour: Rgb,
        roll: float = 0.0,
        glint: float = 0.0,
        alpha: float = 1.0,
        holes: Sequence[Path] = (),
    ) -> None:
        """Fill an outline. `roll` 0.3 is a cylinder, 0 a flat thing; `glint` draws a light streak on the left."""
        self.marks.append(Shape(path, colour, roll, glint, alpha, tuple(holes)))

    def pattern(self, inside: Path, paths: Sequence[Path], colour: Rgb, alpha: float = 1.0) -> None:
        """Fill several outlines, but only where they fall within `inside` (stripes on a towel)."""
        self.marks.append(Shape(inside, colour, 0, 0, alpha, (), tuple(paths)))

    def line(self, points: Sequence[Point], width: float, colour: Rgb, end: float | None = None) -> None:
        """A soft thick line through the points."""
        self.shape(stroke(points, width, end), colour)

    def ground(self, cx: float, y: float, half: float, strength: float = 1.0) -> None:
        """The shadow of something standing at (cx, y): a wide soft one to the right, a tight one under it."""
        wide = oval(cx + min(half * 0.28, 50), y + 8, half * 1.15, min(half * 0.22, 34))
        tight = oval(cx + min(half * 0.06, 10), y + 3, half * 1.04, min(half * 0.19, 24))
        self.marks += [Shadow(wide, 0.20 * strength, 26), Shadow(tight, 0.34 * strength, 9)]

    def cast(
        self, path: Path, strength: float = 0.26, dx: float = 14, dy: float = 18, blur: float = 14
    ) -> None:
        """The shadow of something lying flat or hanging close to the wall."""
        self.marks.append(Shadow(shift(path, dx, dy), strength, blur))

    def text(
        self, text: str, at: Point, size: float, colour: Rgb, face: str = "serif", angle: float = 0.0
    ) -> None:
        """Letters centred on a point; `size` is in board units."""
        self.marks.append(Lettering(text, at, size, colour, face, angle))

    def resize(self, since: int, factor: float, about: Point) -> None:
        """Grow or shrink everything drawn since mark number `since`."""
        self.marks[since:] = [_resized(mark, factor, about) for mark in self.marks[since:]]

    def paint(self, background: Rgb, width: int) -> Image.Image:
        """The finished picture, `width` pixels wide and a quarter higher."""
        size = (width * SUPERSAMPLE, width * HEIGHT // WIDTH * SUPERSAMPLE)
        board = Image.new("RGB", size, background)
        unit = size[0] / WIDTH
        for mark in self.marks:
            if isinstance(mark, Shape):
                _paint_shape(board, mark, unit)
            elif isinstance(mark, Shadow):
                _paint_shadow(board, mark, unit)
            else:
                _paint_letters(board, mark, unit)
        return board.reduce(SUPERSAMPLE)


def _resized(mark: Mark, k: float, about: Point) -> Mark:
    if isinstance(mark, Shape):
        return Shape(
            scale(mark.path, k, about),
            mark.colour,
            mark.roll,
            mark.glint,
            mark.alpha,
            tuple(scale(hole, k, about) for hole in mark.holes),
            tuple(scale(path, k, about) for path in mark.inside),
        )
    if isinstance(mark, Shadow):
        return Shadow(scale(mark.path, k, about), mark.strength, mark.blur)
    return Lettering(
        mark.text, scale([mark.at], k, about)[0], mark.size * k, mark.colour, mark.face, mark.angle
    )


def _bounds(
    path: Path, margin: float, limit: tuple[int, int], unit: float
) -> tuple[int, int, int, int] | None:
    """Pixel box around a path, cut to the board; None when it lies outside."""
    xs = [p[0] for p in path]
    ys = [p[1] for p in path]
    left = max(0, int((min(xs) - margin) * unit))
    top = max(0, int((min(ys) - margin) * unit))
    right = min(limit[0], int((max(xs) + margin) * unit) + 2)
    bottom = min(limit[1], int((max(ys) + margin) * unit) + 2)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _mask(
    path: Path, area: tuple[int, int, int, int], unit: float, holes: Sequence[Path] = ()
) -> Image.Image:
    mask = Image.new("L", (area[2] - area[0], area[3] - area[1]), 0)
    pen = ImageDraw.Draw(mask)
    pen.polygon([(x * unit - area[0], y * unit - area[1]) for x, y in path], fill=255)
    for hole in holes:
        pen.polygon([(x * unit - area[0], y * unit - area[1]) for x, y in hole], fill=0)
    return mask


def _faded(mask: Image.Image, alpha: float) -> Image.Image:
    return mask if alpha >= 1 else mask.point([round(i * alpha) for i in range(256)])


def _paint_shape(board: Image.Image, shape: Shape, unit: float) -> None:
    if _is_plain_box(shape):
        corners = [(x * unit, y * unit) for x, y in (shape.path[0], shape.path[2])]
        ImageDraw.Draw(board).rectangle(
            (*corners[0], corners[1][0] - 1, corners[1][1] - 1), fill=shape.colour
        )
        return
    area = _bounds(shape.path, 1, board.size, unit)
    if area is None:
        return
    mask = _mask(shape.path, area, unit, shape.holes)
    if shape.inside:
        marks = Image.new("L", mask.size, 0)
        pen = ImageDraw.Draw(marks)
        for path in shape.inside:
            pen.polygon([(x * unit - area[0], y * unit - area[1]) for x, y in path], fill=255)
        mask = ImageChops.multiply(mask, marks)
    board.paste(shape.colour, area[:2], _faded(mask, shape.alpha))
    if shape.roll or shape.glint:
        _paint_light(board, shape, mask, area[:2])


def _is_plain_box(shape: Shape) -> bool:
    """Walls and table tops: large, and painted without a mask in a tenth of the time."""
    if len(shape.path) != 4 or shape.holes or shape.inside or shape.roll or shape.glint or shape.alpha < 1:
        return False
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = shape.path
    return (x0, y0, x2, y2) == (x3, y1, x1, y3) and x0 < x2 and y0 < y2


def _moved(mask: Image.Image, dx: int, dy: int) -> Image.Image:
    """The mask moved, empty where nothing came from (ImageChops.offset would wrap around)."""
    moved = Image.new("L", mask.size, 0)
    moved.paste(mask, (dx, dy))
    return moved


def _paint_light(board: Image.Image, shape: Shape, mask: Image.Image, at: tuple[int, int]) -> None:
    """Two steps of shade on the side away from the light, and a streak on the lit side."""
    width = mask.size[0]
    for share, depth in ((1.0, 0.09), (0.45, 0.10)):
        if not shape.roll:
            break
        dx = round(width * shape.roll * share)
        shade = ImageChops.subtract(mask, _moved(mask, -dx, -dx // 6))
        board.paste(darker(shape.colour, depth * (2 - share)), at, _faded(shade, shape.alpha))
    if shape.glint:
        near, far = round(width * 0.07), round(width * (0.07 + shape.glint))
        streak = ImageChops.subtract(_moved(mask, near, near // 5), _moved(mask, far, far // 5))
        streak = ImageChops.multiply(streak, mask)
        board.paste(lighter(shape.colour, 0.55), at, _faded(streak, 0.55 * shape.alpha))


def _paint_shadow(board: Image.Image, shadow: Shadow, scale_up: float) -> None:
    unit = scale_up / SHADOW_STEP
    small = (board.size[0] // SHADOW_STEP, board.size[1] // SHADOW_STEP)
    area = _bounds(shadow.path, shadow.blur * 3, small, unit)
    if area is None:
        return
    soft = _mask(shadow.path, area, unit).filter(ImageFilter.GaussianBlur(shadow.blur * unit))
    large = soft.resize((soft.size[0] * SHADOW_STEP, soft.size[1] * SHADOW_STEP), Image.Resampling.BILINEAR)
    board.paste((52, 38, 36), (area[0] * SHADOW_STEP, area[1] * SHADOW_STEP), _faded(large, shadow.strength))


def _paint_letters(board: Image.Image, letters: Lettering, unit: float) -> None:
    face: ImageFont.FreeTypeFont = font(letters.face, round(letters.size * unit))
    left, top, right, bottom = face.getbbox(letters.text, anchor="ls")
    pad = 4
    stamp = Image.new("L", (int(right - left) + 2 * pad, int(bottom - top) + 2 * pad), 0)
    ImageDraw.Draw(stamp).text((pad - left, pad - top), letters.text, font=face, fill=255, anchor="ls")
    if letters.angle:
        stamp = stamp.rotate(-letters.angle, Image.Resampling.BICUBIC, expand=True)
    x = round(letters.at[0] * unit - stamp.size[0] / 2)
    y = round(letters.at[1] * unit - stamp.size[1] / 2)
    board.paste(letters.colour, (x, y), stamp)
