"""Boards, spoons, mills and pans: wood and iron for the kitchen."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import (
    DARK_WOOD,
    IRON,
    PALE_WOOD,
    STEEL,
    WOOD,
    darker,
    lighter,
    mix,
)
from .geometry import Point, box, oval, shift, stroke, turn, turned
from .lettering import fit
from .look import Kind, Look, belly_band, tag

CX = MIDDLE


def skillet(c: Canvas, look: Look) -> None:
    """A pan leaning on the wall, its handle up."""
    c.ground(CX, 1000, 220, 0.9)
    c.shape(box(478, 360, 522, 620, 20), IRON, 0.2)
    c.shape(oval(CX, 396, 11, 20), look.palette.wall)
    c.shape(oval(CX + 6, 776, 232), darker(IRON, 0.35))
    c.shape(oval(CX - 2, 770, 232), IRON, 0.04)
    c.shape(oval(CX - 2, 772, 206), darker(IRON, 0.28))
    c.pattern(oval(CX - 2, 772, 206), [oval(CX - 70, 880, 230)], darker(IRON, 0.16))
    tag(c, look, (512, 396), 9)


def board(c: Canvas, look: Look) -> None:
    """A cutting board leaning on the wall with a smaller one before it."""
    tone = mix(PALE_WOOD, look.body, 0.12)
    c.ground(520, 985, 240, 0.9)
    back = box(290, 470, 730, 990, 26)
    c.shape(shift(back, 10, 2), darker(tone, 0.3))
    c.shape(back, tone, 0.03, holes=[oval(510, 528, 20)])
    grain = [
        stroke([(290, y), (460, y + look.rng.uniform(-16, 16)), (730, y + 8)], 5) for y in range(570, 980, 58)
    ]
    c.pattern(back, grain, darker(tone, 0.12), 0.6)
    c.ground(420, FLOOR + 12, 150, 0.7)
    small = box(262, 770, 560, 1020, 22)
    c.shape(shift(small, 8, 2), darker(WOOD, 0.35))
    c.shape(small, WOOD, 0.03)
    grain = [
        stroke([(x, 770), (x + look.rng.uniform(-9, 9), 900), (x + 4, 1030)], 5) for x in range(290, 560, 46)
    ]
    c.pattern(small, grain, darker(WOOD, 0.14), 0.6)
    tag(c, look, (510, 530), -7, 1.0, look.palette.paper)


def paddle(c: Canvas, look: Look) -> None:
    """A round serving board with a handle."""
    c.ground(CX, 1000, 220, 0.9)
    tone = DARK_WOOD
    c.shape(shift(box(464, 330, 536, 600, 34), 8, 2), darker(tone, 0.3))
    c.shape(shift(oval(CX, 770, 236), 9, 2), darker(tone, 0.3))
    c.shape(box(464, 330, 536, 600, 34), tone, holes=[oval(CX, 376, 15)])
    disc = oval(CX, 770, 236)
    c.shape(disc, tone)
    grain = [stroke([(CX + x, 520), (CX + x * 1.05, 770), (CX + x, 1020)], 6) for x in range(-200, 220, 44)]
    c.pattern(disc, grain, lighter(tone, 0.12), 0.8)
    tag(c, look, (CX, 378), 8, 1.0, look.palette.paper)


def mill(c: Canvas, look: Look) -> None:
    """A tall pepper mill."""
    c.ground(CX, FLOOR, 92)
    tone = mix(WOOD, look.body, 0.35) if look.variant else PALE_WOOD
    profile: list[Point] = [
        (640, 62),
        (640, 62),
        (690, 80),
        (770, 54),
        (850, 66),
        (960, 96),
        (1005, 96),
        (1005, 96),
    ]
    c.shape(turned(CX, profile), tone, 0.28, 0.04)
    c.shape(
        turned(CX, [(530, 46), (560, 78), (600, 76), (636, 52), (636, 52)]), darker(tone, 0.1), 0.28, 0.04
    )
    c.shape(turned(CX, [(634, 56), (634, 56), (646, 58), (646, 58)]), STEEL, 0.3)
    c.shape(oval(CX, 508, 22), STEEL, 0.3)
    tag(c, look, (548, 640), -10, 0.9)


def spoons(c: Canvas, look: Look) -> None:
    """Three spoons laid in a row, tied by a paper sleeve."""
    for x, tone, lean in ((360, DARK_WOOD, -3), (500, WOOD, 0), (640, PALE_WOOD, 3)):
        head = turn(oval(x, 360, 62, 96), lean, (x, 700))
        shaft = turn(stroke([(x, 430), (x - 3, 700), (x, 1010)], 26, 34), lean, (x, 700))
        for part in (head, shaft):
            c.cast(part, 0.24)
        c.shape(shaft, tone, 0.3)
        c.shape(head, tone, 0.14)
        c.shape(turn(oval(x - 3, 362, 42, 70), lean, (x, 700)), darker(tone, 0.14))
    c.cast(box(300, 690, 700, 860), 0.2, 6, 9, 8)
    belly_band(c, look, (300, 690, 700, 860))


def rolling_pin(c: Canvas, look: Look) -> None:
    """A barrel with two turned handles, lying across the table."""
    about = (500.0, 620.0)
    grips = [turn(box(474, y, 526, y + 150, 24), 38, about) for y in (150, 940)]
    barrel = turn(box(428, 280, 572, 960, 34), 38, about)
    for part in (*grips, barrel):
        c.cast(part, 0.26, 20, 24, 16)
    for part in grips:
        c.shape(part, DARK_WOOD, 0.2)
    c.shape(barrel, PALE_WOOD)
    edge = turn(box(536, 280, 572, 960), 38, about)
    c.pattern(barrel, [edge], darker(PALE_WOOD, 0.12))
    grain = [turn(stroke([(x, 270), (x + 6, 600), (x, 970)], 5), 38, about) for x in (454, 482, 512)]
    c.pattern(barrel, grain, WOOD, 0.5)
    sleeve = turn(box(424, 500, 576, 740), 38, about)
    c.shape(sleeve, look.palette.paper)
    lines, size = fit(look.label, "serif", 210, 110, 44)
    for i, line in enumerate(lines):
        at = turn([(500 + (i - (len(lines) - 1) / 2) * size * 1.05, 620)], 38, about)[0]
        c.text(line, at, size, look.palette.ink, "serif", -52)


def kettle(c: Canvas, look: Look) -> None:
    """An enamel kettle with an arched handle."""
    c.ground(CX, FLOOR, 196)
    c.shape(stroke([(350, 880), (270, 800), (226, 720)], 62, 34), look.body)
    c.shape(stroke([(372, 740), (390, 560), (500, 510), (610, 560), (628, 740)], 16), IRON)
    c.shape(stroke([(410, 542), (500, 508), (590, 542)], 34), DARK_WOOD)
    profile: list[Point] = [
        (700, 100),
        (700, 100),
        (740, 150),
        (850, 198),
        (960, 190),
        (1008, 172),
        (1008, 172),
    ]
    c.shape(turned(CX, profile), look.body, 0.26, 0.05)
    c.shape(turned(CX, [(676, 60), (676, 60), (704, 104), (704, 104)]), darker(look.body, 0.1), 0.26)
    c.shape(oval(CX, 656, 20), DARK_WOOD, 0.3)
    foot = oval(CX, 1004, 172, 29, 0, 180)
    c.shape(foot + shift(foot, 0, 10)[::-1], IRON)
    tag(c, look, (622, 720), -14, 0.95)


KINDS = {
    "skillet": Kind(skillet, props=False),
    "board": Kind(board, props=False),
    "paddle": Kind(paddle, props=False),
    "mill": Kind(mill),
    "spoons": Kind(spoons, "flat"),
    "rolling_pin": Kind(rolling_pin, "flat"),
    "kettle": Kind(kettle),
}
