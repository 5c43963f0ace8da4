"""Outlines for the drawn pictures: every curve ends as a list of points.

Units are those of the drawing board: 1000 wide, 1250 high, y grows downward.
"""

import math
from collections.abc import Sequence
from random import Random

Point = tuple[float, float]
Path = list[Point]

# How far the camera looks down on the table: a circle of radius r shows as an oval r by r * TILT.
TILT = 0.17


def oval(
    cx: float, cy: float, rx: float, ry: float | None = None, start: float = 0, end: float = 360
) -> Path:
    """Points of an oval, or of the part of it between two angles (degrees, clockwise from the right)."""
    ry = rx if ry is None else ry
    steps = max(8, int(abs(end - start) / 4))
    angles = (math.radians(start + (end - start) * i / steps) for i in range(steps + 1))
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def rim(cx: float, cy: float, r: float, tilt: float = TILT) -> Path:
    """A level circle seen by the camera."""
    return oval(cx, cy, r, r * tilt)


def box(x0: float, y0: float, x1: float, y1: float, r: float = 0) -> Path:
    """An upright rectangle with corners rounded by `r`."""
    if r <= 0:
        return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    return (
        oval(x0 + r, y0 + r, r, start=180, end=270)
        + oval(x1 - r, y0 + r, r, start=270, end=360)
        + oval(x1 - r, y1 - r, r, start=0, end=90)
        + oval(x0 + r, y1 - r, r, start=90, end=180)
    )


def _spline(p0: Point, p1: Point, p2: Point, p3: Point, t: float) -> Point:
    """One point of a Catmull-Rom curve between p1 and p2."""

    def axis(a: float, b: float, c: float, d: float) -> float:
        return 0.5 * (
            2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3
        )

    return axis(p0[0], p1[0], p2[0], p3[0]), axis(p0[1], p1[1], p2[1], p3[1])


def smooth(points: Sequence[Point], closed: bool = False, steps: int = 12) -> Path:
    """A soft curve through the points; a point given twice stays a corner."""
    pts = list(points)
    n = len(pts)
    path: Path = []
    for i in range(n if closed else n - 1):
        p1, p2 = pts[i], pts[(i + 1) % n]
        p0 = pts[(i - 1) % n] if closed or i > 0 else p1
        p3 = pts[(i + 2) % n] if closed or i + 2 < n else p2
        if p1 != p2:
            path += [_spline(p0, p1, p2, p3, s / steps) for s in range(steps)]
    return path if closed else [*path, pts[-1]]


def turned(cx: float, profile: Sequence[Point], tilt: float = TILT) -> Path:
    """The outline of a turned body (jar, mug, bottle): `profile` is (y, radius) from top to bottom."""
    side = smooth([(r, y) for y, r in profile])
    (top_r, top_y), (foot_r, foot_y) = side[0], side[-1]
    right = [(cx + r, y) for r, y in side]
    left = [(cx - r, y) for r, y in reversed(side)]
    foot = oval(cx, foot_y, foot_r, foot_r * tilt, 0, 180)
    back = oval(cx, top_y, top_r, top_r * tilt, 180, 360)
    return right + foot + left + back


def wrap(cx: float, top: float, bottom: float, r: float, half: float, tilt: float = TILT) -> Path:
    """A paper label of half-width `half` around a cylinder of radius `r`; both edges follow the curve."""

    def edge(y: float) -> Path:
        xs = [half * (i / 12 - 1) for i in range(25)]
        return [(cx + x, y + r * tilt * math.sqrt(max(0.0, 1 - (x / r) ** 2))) for x in xs]

    return edge(top) + edge(bottom)[::-1]


def stroke(points: Sequence[Point], width: float, end_width: float | None = None) -> Path:
    """The outline of a thick soft line with round ends, tapering to `end_width` when given."""
    line = smooth(points) if len(points) > 2 else list(points)
    last = len(line) - 1
    end = width if end_width is None else end_width
    left: Path = []
    right: Path = []
    for i, (x, y) in enumerate(line):
        ax, ay = line[max(0, i - 1)]
        bx, by = line[min(last, i + 1)]
        length = math.hypot(bx - ax, by - ay) or 1.0
        half = (width + (end - width) * i / max(1, last)) / 2
        nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    return left + _cap(line[-2], line[-1], end / 2) + right[::-1] + _cap(line[1], line[0], width / 2)


def _cap(before: Point, tip: Point, r: float) -> Path:
    angle = math.degrees(math.atan2(tip[1] - before[1], tip[0] - before[0]))
    return oval(tip[0], tip[1], r, start=angle + 90, end=angle - 90)


def turn(path: Path, degrees: float, about: Point) -> Path:
    """The path turned clockwise about a point."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    ox, oy = about
    return [(ox + (x - ox) * c - (y - oy) * s, oy + (x - ox) * s + (y - oy) * c) for x, y in path]


def shift(path: Path, dx: float, dy: float) -> Path:
    """The path moved."""
    return [(x + dx, y + dy) for x, y in path]


def scale(path: Path, factor: float, about: Point) -> Path:
    """The path grown or shrunk about a point."""
    ox, oy = about
    return [(ox + (x - ox) * factor, oy + (y - oy) * factor) for x, y in path]


def pebble(cx: float, cy: float, rx: float, ry: float, rng: Random, wobble: float = 0.08) -> Path:
    """A soft uneven round: stones, sponges, dough."""
    around = [i * 36 for i in range(10)]
    pts = []
    for degrees in around:
        k = 1 + rng.uniform(-wobble, wobble)
        pts.append(
            (cx + rx * k * math.cos(math.radians(degrees)), cy + ry * k * math.sin(math.radians(degrees)))
        )
    return smooth(pts, closed=True)


def leaf(x: float, y: float, length: float, width: float, degrees: float) -> Path:
    """One leaf growing from (x, y) in a direction (0 is to the right, 90 down)."""
    half = width / 2
    flat = smooth(
        [(0, 0), (0, 0), (length * 0.4, -half), (length, 0), (length, 0), (length * 0.4, half)], closed=True
    )
    return turn(shift(flat, x, y), degrees, (x, y))
