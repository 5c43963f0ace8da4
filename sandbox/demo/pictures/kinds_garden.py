"""Pots, tools, seeds and twine."""

import math

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import (
    CLAY,
    IRON,
    IVORY,
    JUTE,
    LEAF,
    PALE_WOOD,
    PINE,
    STEEL,
    WOOD,
    Rgb,
    darker,
    lighter,
    mix,
    rgb,
)
from .geometry import box, leaf, oval, pebble, rim, shift, smooth, stroke, turned
from .look import Kind, Look, belly_band, flat_label, tag

CX = MIDDLE
SOIL = rgb("#4d3a30")


def _plant(c: Canvas, look: Look, x: float, y: float, k: float = 1.0) -> None:
    """One of three plants growing from (x, y)."""
    tone = mix(LEAF, PINE, look.rng.uniform(0, 0.5))
    style = look.rng.randrange(3)
    for i, degrees in enumerate((-150, -30, -128, -52, -108, -72, -90)):
        reach = (150 + 34 * i) * k
        shade = (tone, darker(tone, 0.12), lighter(tone, 0.12))[i % 3]
        if style == 0:
            c.shape(leaf(x, y, reach * 0.95, 84 * k, degrees), shade)
        elif style == 1:
            stem = leaf(x, y, reach, 8 * k, degrees)
            c.shape(stem, darker(tone, 0.2))
            tip = stem[len(stem) // 3]
            for share in (0.55, 0.8, 1.0):
                px, py = x + (tip[0] - x) * share * 1.3, y + (tip[1] - y) * share * 1.3
                c.shape(pebble(px, py, 34 * k, 30 * k, look.rng), shade)
        else:
            bend = 16 if degrees > -90 else -16
            c.shape(leaf(x, y, reach * 1.15, 30 * k, degrees + bend), shade)


def _pot(c: Canvas, x: float, y: float, r: float, height: float, tone: Rgb, collar: bool = True) -> None:
    top = y - height
    c.ground(x, y, r * 0.78, 1.0)
    c.shape(turned(x, [(top, r * 0.96), (top, r * 0.96), (y, r * 0.72), (y, r * 0.72)]), tone, 0.26, 0.04)
    if collar:
        depth = height * 0.22
        c.shape(
            turned(x, [(top, r), (top, r), (top + depth, r * 0.97), (top + depth, r * 0.97)]),
            lighter(tone, 0.08),
            0.26,
        )
    c.shape(rim(x, top, r if collar else r * 0.96), lighter(tone, 0.3))
    c.shape(rim(x, top + 3, r * 0.86), SOIL)


def planter(c: Canvas, look: Look) -> None:
    """A clay pot with a plant in it."""
    tone = look.body if look.variant and look.variant.lower() not in ("small", "medium", "large") else CLAY
    _pot(c, CX, FLOOR, 172, 300, tone)
    _plant(c, look, CX, 716)
    tag(c, look, (590, 740), -8, 1.0, look.palette.paper)


def glazed_pot(c: Canvas, look: Look) -> None:
    """A cylinder pot in two glazes on a saucer."""
    c.ground(CX, FLOOR, 190)
    c.shape(rim(CX, 1004, 190), darker(look.body, 0.2))
    c.shape(rim(CX, 994, 190), lighter(look.body, 0.1))
    _pot(c, CX, 992, 168, 290, look.body, collar=False)
    _plant(c, look, CX, 706)
    tag(c, look, (600, 740), -8, 1.0)


def hanging_pot(c: Canvas, look: Look) -> None:
    """A pot in three cords."""
    for x in (CX - 172, CX, CX + 172):
        c.line([(CX, -20), (CX + (x - CX) * 0.2, 120), (x, 620)], 7, JUTE)
    c.cast(oval(CX, 700, 170), 0.2, 30, 40, 24)
    tone = look.body
    c.shape(turned(CX, [(620, 186), (620, 186), (760, 168), (850, 90), (850, 90)]), tone, 0.26, 0.04)
    c.shape(rim(CX, 620, 186), lighter(tone, 0.3))
    c.shape(rim(CX, 624, 168), SOIL)
    for degrees in (30, 150, 60, 120, 10, 170):
        start = (CX + (-150 if degrees > 90 else 150), 630)
        c.shape(
            leaf(start[0], start[1], 240, 44, degrees if degrees not in (10, 170) else degrees - 20), LEAF
        )
    _plant(c, look, CX, 620, 0.85)
    tag(c, look, (CX + 40, 720), -6, 1.2, look.palette.paper)


def trough(c: Canvas, look: Look) -> None:
    """A long window box of herbs."""
    c.ground(CX, FLOOR, 300)
    for x in (310, 500, 690):
        _plant(c, look, x, 810, 0.66)
    tone = look.body
    c.shape([(200, 800), (800, 800), (776, 1008), (224, 1008)], tone, 0.06)
    c.shape(box(190, 786, 810, 830, 8), lighter(tone, 0.2), 0.03)
    flat_label(c, look, (390, 860, 610, 980))


def bucket(c: Canvas, look: Look) -> None:
    """A zinc pail with a bail handle, planted."""
    tone = look.body if look.variant else STEEL
    c.shape(stroke([(330, 740), (340, 560), (500, 480), (660, 560), (670, 740)], 11), darker(tone, 0.3))
    _plant(c, look, CX, 730, 0.8)
    c.ground(CX, FLOOR, 140)
    c.shape(turned(CX, [(720, 180), (720, 180), (1006, 136), (1006, 136)]), tone, 0.24, 0.05)
    c.shape(rim(CX, 720, 180), lighter(tone, 0.4), holes=[rim(CX, 722, 170)])
    front = [p for p in rim(CX, 720, 170) if p[1] >= 718]
    c.shape(front, darker(tone, 0.2))
    _plant(c, look, CX, 738, 0.5)
    for y, r in ((800, 168), (940, 147)):
        ring = oval(CX, y, r, r * 0.17, 0, 180)
        c.shape(ring + shift(ring, 0, 8)[::-1], darker(tone, 0.18))
    tag(c, look, (560, 800), -6, 1.1)


def bulb_bowl(c: Canvas, look: Look) -> None:
    """A wide low bowl of stones with bulbs coming up."""
    c.ground(CX, FLOOR, 150)
    c.shape(rim(CX, 840, 258, 0.24), lighter(look.body, 0.3))
    c.shape(rim(CX, 844, 244, 0.24), darker(look.body, 0.35))
    for x in (380, 470, 560, 630):
        for degrees in (-104, -92, -80):
            c.shape(leaf(x, 834, look.rng.uniform(190, 330), 30, degrees), mix(LEAF, IVORY, 0.12))
        c.shape(pebble(x, 834, 46, 44, look.rng, 0.04), rgb("#b78a5c"), 0.24)
    for _ in range(34):
        across = look.rng.uniform(285, 715)
        depth = 44 * math.sqrt(1 - ((across - 500) / 240) ** 2)
        stone = pebble(across, 850 + depth * look.rng.uniform(0.2, 0.7), 22, 15, look.rng)
        c.shape(stone, mix((206, 200, 190), look.palette.table, look.rng.uniform(0, 0.4)), 0.24)
    front = oval(CX, 840, 258, 62, 0, 180)
    c.shape(
        [
            *front,
            *smooth([(242, 840), (290, 940), (390, 1000)]),
            *oval(CX, 1002, 110, 18, 180, 0),
            *smooth([(610, 1000), (710, 940), (758, 840)]),
        ],
        look.body,
        0.2,
        0.03,
    )
    tag(c, look, (640, 900), -6, 0.95, look.palette.paper)


def starter_pots(c: Canvas, look: Look) -> None:
    """Coir pots: a leaning stack and two with seedlings."""
    tone = mix(rgb("#a27a52"), look.body, 0.08)
    c.ground(640, 960, 100)
    for i in range(6):
        y = 940 - i * 44
        c.shape(
            turned(640, [(y - 60, 106), (y - 60, 106), (y, 84), (y, 84)]), darker(tone, 0.04 * (i % 2)), 0.26
        )
        c.shape(rim(640, y - 60, 106), lighter(tone, 0.2), holes=[rim(640, y - 58, 96)])
    for x, foot in ((300, 985), (450, FLOOR + 16)):
        _pot(c, x, foot, 100, 150, tone, collar=False)
        for degrees in (-130, -50, -90):
            c.shape(leaf(x, foot - 148, 110, 40, degrees), mix(LEAF, IVORY, 0.1))
    belly_band(c, look, (560, 780, 720, 900))


def crate(c: Canvas, look: Look) -> None:
    """A slatted crate with pots in it."""
    c.ground(CX, FLOOR, 300)
    for x in (350, 500, 650):
        _pot(c, x, 860, 72, 130, CLAY)
        _plant(c, look, x, 730, 0.46)
    tone = mix(PALE_WOOD, look.body, 0.14)
    c.shape(box(206, 812, 794, 1010), darker(tone, 0.45))
    for i in range(3):
        y = 806 + i * 70
        c.shape(box(196, y, 804, y + 56, 4), mix(tone, WOOD, 0.12 * i), 0.02)
        for x in (222, 770):
            c.shape(oval(x, y + 28, 5), IRON)
    lines_top = 880
    flat_label(c, look, (370, lines_top, 630, lines_top + 106), look.palette.paper, frame=False)


KINDS = {
    "planter": Kind(planter, zoom=1.1),
    "glazed_pot": Kind(glazed_pot, zoom=1.1),
    "hanging_pot": Kind(hanging_pot, "wall"),
    "trough": Kind(trough, props=False, zoom=1.12),
    "bucket": Kind(bucket, zoom=1.12),
    "bulb_bowl": Kind(bulb_bowl, zoom=1.1),
    "starter_pots": Kind(starter_pots, props=False, zoom=1.15),
    "crate": Kind(crate, props=False, zoom=1.12),
}
