"""Home scent: diffusers, matches, incense, cedar, balsam."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import (
    BRASS,
    GLASS,
    IVORY,
    KRAFT,
    LEAF,
    PALE_WOOD,
    PINE,
    darker,
    lighter,
    mix,
    rgb,
)
from .geometry import Point, box, leaf, oval, rim, smooth, stroke, turn, turned
from .look import Kind, Look, flat_label, round_label, tag

CX = MIDDLE


def diffuser(c: Canvas, look: Look) -> None:
    """A bottle with reeds."""
    c.ground(CX, FLOOR, 132)
    for lean in (-17, -9, -2, 6, 14):
        c.shape(
            turn(box(CX - 4.5, 330, CX + 4.5, 760, 4), lean, (CX, 770)),
            KRAFT if lean % 2 else darker(KRAFT, 0.15),
        )
    body = turned(CX, [(690, 40), (690, 40), (740, 44), (786, 124), (820, 132), (1010, 132), (1010, 132)])
    glass = mix(look.body, GLASS, 0.35)
    c.shape(body, glass, 0.26, 0.06)
    c.shape(turned(CX, [(676, 50), (676, 50), (712, 50), (712, 50)]), BRASS, 0.28)
    c.shape(rim(CX, 676, 50), darker(BRASS, 0.3))
    round_label(c, look, (832, 972), 132, 118)


def matchbox(c: Canvas, look: Look) -> None:
    """A long box slid open."""
    c.cast(box(270, 240, 730, 1010), 0.28, 20, 24, 16)
    c.shape(box(300, 190, 700, 400, 4), KRAFT)
    c.shape(box(318, 208, 682, 400), darker(KRAFT, 0.4))
    for i, x in enumerate(range(332, 676, 27)):
        c.shape(box(x, 226 + i % 3 * 7, x + 13, 410, 3), PALE_WOOD, 0.2)
        c.shape(oval(x + 6.5, 228 + i % 3 * 7, 13, 18), look.body, 0.2)
    c.shape(box(270, 370, 730, 1010, 5), look.body)
    c.shape(box(700, 370, 730, 1010, 4), rgb("#5b4a44"))
    flat_label(c, look, (320, 450, 656, 930))


def incense(c: Canvas, look: Look) -> None:
    """A carton of cones and a small dish with one smoking."""
    c.ground(600, 950, 130, 0.8)
    c.shape(box(470, 560, 740, 950, 4), look.body, 0.08)
    flat_label(c, look, (500, 620, 704, 860))
    x = 330
    c.ground(x, FLOOR + 12, 108)
    smoke: list[Point] = [(x, 900), (x - 26, 800), (x + 22, 700), (x - 16, 600), (x + 14, 500)]
    c.shape(stroke(smoke, 12, 26), lighter(look.palette.wall, 0.6), alpha=0.6)
    c.shape(rim(x, 985, 124, 0.2), darker(IVORY, 0.25))
    c.shape(rim(x, 974, 124, 0.2), IVORY)
    c.shape([(x, 890), (x + 34, 972), *oval(x, 972, 34, 9, 0, 180), (x - 34, 972)], look.deep, 0.3)


def cedar(c: Canvas, look: Look) -> None:
    """Turned blocks in a bundle with a band."""
    wood = mix(rgb("#b9764a"), look.body, 0.1)
    c.ground(CX, FLOOR, 230)
    for row, y in enumerate((1006, 902, 798)):
        for x in range(3 - row // 2):
            x0 = 276 + x * 150 + row * 26
            c.shape(box(x0, y - 100, x0 + 142, y, 12), mix(wood, PALE_WOOD, 0.16 * ((x + row) % 3)), 0.1)
            for r in (38, 24, 11):
                ring = oval(x0 + 70, y - 50, r)
                c.shape(ring, darker(wood, 0.12), alpha=0.7, holes=[oval(x0 + 70, y - 50, r - 4)])
    tag(c, look, (640, 760), -4, 1.2, look.palette.paper)


def sachet(c: Canvas, look: Look) -> None:
    """A stuffed cotton pillow, tied."""
    cloth = lighter(look.body, 0.25)
    body = smooth(
        [(250, 350), (500, 326), (750, 350), (772, 620), (750, 890), (500, 914), (250, 890), (228, 620)],
        closed=True,
    )
    c.cast(body, 0.3, 22, 28, 20)
    c.shape(body, cloth, 0.07)
    rows = [stroke([(200, y), (500, y + 8), (800, y)], 7) for y in range(340, 920, 38)]
    c.pattern(body, rows, lighter(cloth, 0.5), 0.55)
    c.line([(500, 330), (440, 220), (560, 220), (504, 330)], 10, KRAFT)
    flat_label(c, look, (350, 470, 650, 780))
    for degrees in (200, 235, 300, 335):
        c.shape(leaf(500, 830, 110, 26, degrees - 180 if degrees < 180 else degrees), LEAF, alpha=0.9)


def wreath(c: Canvas, look: Look) -> None:
    """Balsam and berries on a ring, hung with a ribbon."""
    for start in range(0, 360, 30):
        arc = oval(CX, 640, 250, start=start, end=start + 34)
        c.cast(stroke(arc[::3], 120), 0.09, 22, 28, 18)
    c.shape(oval(CX, 640, 262), darker(PINE, 0.3), holes=[oval(CX, 640, 212)])
    tones = (PINE, darker(PINE, 0.2), lighter(PINE, 0.2))
    for i in range(150):
        around = i * 12 + look.rng.uniform(-8, 8)
        x, y = oval(CX, 640, look.rng.uniform(216, 268), start=around, end=around + 1)[0]
        c.shape(leaf(x, y, look.rng.uniform(74, 118), 17, around + look.rng.uniform(40, 140)), tones[i % 3])
    for i in range(18):
        around = i * 20 + look.rng.uniform(-8, 8)
        x, y = oval(CX, 640, look.rng.uniform(220, 286), start=around, end=around + 1)[0]
        c.shape(oval(x, y, 13), rgb("#a83a35"), 0.3)
    ribbon = look.body
    c.shape([(484, -10), (516, -10), (520, 400), (480, 400)], ribbon, 0.2)
    for sign in (-1, 1):
        loop: list[Point] = [(500, 404), (500 + sign * 120, 340), (500 + sign * 130, 430)]
        c.shape(smooth([(500, 404), *loop], closed=True), darker(ribbon, 0.05), 0.1)
        c.shape(
            [(500, 404), (500 + sign * 30, 404), (500 + sign * 84, 570), (500 + sign * 40, 556)],
            darker(ribbon, 0.1),
        )
    c.shape(oval(500, 404, 24), ribbon, 0.3)
    tag(c, look, (500, 860), -6, 1.3)


KINDS = {
    "diffuser": Kind(diffuser, zoom=1.12),
    "matchbox": Kind(matchbox, "flat"),
    "incense": Kind(incense, props=False, zoom=1.12),
    "cedar": Kind(cedar),
    "sachet": Kind(sachet, "flat"),
    "wreath": Kind(wreath, "wall"),
}
