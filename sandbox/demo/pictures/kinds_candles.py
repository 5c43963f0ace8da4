"""Candles and home scent."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import (
    AMBER,
    BRASS,
    DARK_WOOD,
    GLASS,
    INK,
    IVORY,
    KRAFT,
    STEEL,
    darker,
    lighter,
    mix,
    rgb,
)
from .geometry import Path, Point, box, oval, rim, smooth, stroke, turn, turned
from .look import Kind, Look, belly_band, flat_label, round_label, tag

CX = MIDDLE
FLAME = rgb("#f2b44c")


def _flame(c: Canvas, x: float, y: float, k: float = 1.0) -> None:
    """A lit wick whose foot is at (x, y), with a faint round glow."""
    for r, alpha in ((120, 0.10), (74, 0.14)):
        c.shape(oval(x, y - 44 * k, r * k), rgb("#fff1c9"), alpha=alpha)
    c.line([(x, y), (x + 1, y - 24 * k)], 5 * k, INK)
    tip: list[Point] = [
        (x, y - 98 * k),
        (x, y - 98 * k),
        (x + 19 * k, y - 42 * k),
        (x, y - 14 * k),
        (x - 19 * k, y - 42 * k),
    ]
    c.shape(smooth(tip, closed=True), FLAME)
    core: list[Point] = [
        (x, y - 62 * k),
        (x, y - 62 * k),
        (x + 9 * k, y - 34 * k),
        (x, y - 18 * k),
        (x - 9 * k, y - 34 * k),
    ]
    c.shape(smooth(core, closed=True), rgb("#fff3cf"))


def candle_jar(c: Canvas, look: Look) -> None:
    """A straight glass with coloured wax, lit."""
    c.ground(CX, FLOOR, 160)
    glass = mix(GLASS, look.palette.wall, 0.35)
    c.shape(turned(CX, [(620, 160), (620, 160), (1010, 160), (1010, 160)]), glass)
    c.shape(rim(CX, 620, 160), lighter(glass, 0.5), holes=[rim(CX, 621, 151)])
    wax = mix(look.body, IVORY, 0.25)
    c.shape(turned(CX, [(706, 151), (706, 151), (1000, 151), (1000, 151)]), wax, 0.26)
    c.shape(rim(CX, 706, 151), lighter(wax, 0.45))
    _flame(c, CX, 700)
    c.shape(turned(CX, [(620, 160), (620, 160), (1010, 160), (1010, 160)]), glass, 0, 0.05, 0.08)
    round_label(c, look, (754, 950), 158, 138)


def candle_amber(c: Canvas, look: Look) -> None:
    """An amber jar with a metal lid beside it."""
    c.ground(680, 960, 108, 0.8)
    c.shape(oval(690, 866, 112), darker(look.deep, 0.2))
    c.shape(oval(680, 864, 112), INK, 0.05)
    c.shape(oval(680, 864, 92), lighter(INK, 0.1))
    x = 430
    c.ground(x, FLOOR + 10, 152)
    c.shape(turned(x, [(640, 132), (640, 132), (690, 152), (1016, 152), (1016, 152)]), AMBER, 0.26, 0.06)
    c.shape(rim(x, 640, 132), lighter(AMBER, 0.3), holes=[rim(x, 641, 122)])
    c.shape(rim(x, 650, 120), mix(look.body, IVORY, 0.4))
    _flame(c, x, 652)
    round_label(c, look, (750, 960), 152, 134, x)


def candle_ceramic(c: Canvas, look: Look) -> None:
    """A stoneware tumbler with cream wax."""
    c.ground(CX, FLOOR, 150)
    c.shape(
        turned(CX, [(690, 162), (690, 162), (860, 168), (980, 150), (1008, 140), (1008, 140)]),
        look.body,
        0.26,
        0.05,
    )
    c.shape(rim(CX, 690, 162), lighter(look.body, 0.3))
    c.shape(rim(CX, 694, 148), IVORY)
    _flame(c, CX, 692)
    foot: list[Point] = [(960, 154), (960, 154), (990, 147), (1008, 140), (1008, 140)]
    c.shape(turned(CX, foot), KRAFT, 0.26)
    round_label(c, look, (760, 928), 166, 128)


def candle_tin(c: Canvas, look: Look) -> None:
    """A travel tin with its lid leaning on it."""
    x = 430
    c.ground(650, 985, 140, 0.7)
    c.ground(x, FLOOR + 10, 172)
    c.shape(turned(x, [(840, 172), (840, 172), (1016, 172), (1016, 172)]), STEEL, 0.26, 0.04)
    c.shape(rim(x, 840, 172), lighter(STEEL, 0.4), holes=[rim(x, 841, 160)])
    c.shape(rim(x, 846, 158), mix(look.body, IVORY, 0.35))
    _flame(c, x, 846, 0.9)
    c.shape(oval(650, 858, 144), darker(STEEL, 0.2))
    c.shape(oval(642, 856, 144), STEEL, 0.06)
    c.shape(oval(642, 856, 124), look.body)
    c.shape(oval(642, 856, 104), look.palette.paper)
    flat_label(c, look, (560, 798, 724, 914), look.palette.paper, frame=False)
    round_label(c, look, (890, 996), 172, 110, x)


def _pillar(
    c: Canvas, x: float, y: float, r: float, height: float, tone: tuple[int, int, int], flame: bool = True
) -> None:
    c.ground(x, y, r, 0.8)
    top = y - height
    c.shape(turned(x, [(top, r), (top, r), (y, r), (y, r)]), tone, 0.28, 0.05)
    c.shape(rim(x, top, r), lighter(tone, 0.4))
    c.shape(rim(x, top + 2, r * 0.72), lighter(tone, 0.2))
    if flame:
        _flame(c, x, top + 2, 0.9)


def pillar_candle(c: Canvas, look: Look) -> None:
    _pillar(c, CX, FLOOR, 118, 400, look.body)
    c.shape(turned(CX, [(800, 119), (800, 119), (930, 119), (930, 119)]), look.palette.paper, 0.2)
    round_label(c, look, (796, 936), 119, 112)


def pillar_trio(c: Canvas, look: Look) -> None:
    """Three heights together."""
    _pillar(c, 395, 960, 92, 470, darker(look.body, 0.06))
    _pillar(c, 610, 970, 92, 340, lighter(look.body, 0.2))
    _pillar(c, 490, FLOOR + 18, 96, 230, look.body)
    round_label(c, look, (870, 990), 97, 88, 490)


def beeswax(c: Canvas, look: Look) -> None:
    """A pillar rolled from honeycomb sheet."""
    c.ground(CX, FLOOR, 110)
    body = turned(CX, [(600, 108), (600, 108), (1008, 108), (1008, 108)])
    c.shape(body, look.body, 0.28)
    cells = []
    for row, y in enumerate(range(600, 1040, 26)):
        cells += [oval(x + 15 * (row % 2), y, 10, 9, 0, 360) for x in range(380, 640, 30)]
    c.pattern(body, cells, darker(look.body, 0.18), 0.6)
    c.shape(rim(CX, 600, 108), lighter(look.body, 0.35))
    c.shape(rim(CX, 600, 74), darker(look.body, 0.15), holes=[rim(CX, 600, 66)])
    c.shape(rim(CX, 600, 38), darker(look.body, 0.15), holes=[rim(CX, 600, 31)])
    _flame(c, CX, 600)
    round_label(c, look, (770, 910), 109, 102)


def tapers(c: Canvas, look: Look) -> None:
    """A pair of tapers joined by one wick, hanging from a peg."""
    c.shape(oval(CX, 190, 30), DARK_WOOD, 0.3)
    c.line([(430, 300), (450, 216), (500, 178), (550, 216), (570, 300)], 7, darker(IVORY, 0.3))
    for x in (430, 570):
        body: Path = [
            (x - 12, 300),
            (x + 12, 300),
            *smooth([(x + 24, 340), (x + 38, 700), (x + 44, 1030)]),
            (x - 44, 1030),
            *smooth([(x - 44, 1030), (x - 38, 700), (x - 24, 340)]),
        ]
        c.cast(body, 0.26, 22, 22, 14)
        c.shape(body, look.body, 0.3, 0.08)
    c.cast(box(370, 720, 630, 890), 0.2, 8, 10, 8)
    belly_band(c, look, (370, 720, 630, 890))


def tealights(c: Canvas, look: Look) -> None:
    """A carton of tea lights with two set out."""
    c.ground(CX, 960, 240)
    c.shape([(270, 640), (330, 606), (740, 606), (700, 640)], lighter(look.body, 0.3))
    c.shape(box(270, 640, 700, 962, 3), look.body)
    c.shape([(700, 640), (740, 606), (740, 920), (700, 962)], darker(look.body, 0.24))
    flat_label(c, look, (330, 690, 640, 900))
    for x, y in ((360, 1040), (600, 1050)):
        c.ground(x, y, 60, 0.8)
        c.shape(turned(x, [(y - 34, 60), (y - 34, 60), (y, 56), (y, 56)]), STEEL, 0.28)
        c.shape(rim(x, y - 34, 60), IVORY)
        _flame(c, x, y - 34, 0.62)


def votives(c: Canvas, look: Look) -> None:
    """Small glasses in a row."""
    for x, y, tone in ((330, 970, look.pale), (670, 970, look.deep), (500, FLOOR + 12, look.body)):
        c.ground(x, y, 82, 0.8)
        c.shape(rim(x, y - 176, 104), darker(tone, 0.2))
        _flame(c, x, y - 150, 0.7)
        c.shape(
            [p for p in turned(x, [(y - 176, 104), (y - 176, 104), (y, 80), (y, 80)]) if p[1] >= y - 176],
            tone,
            0.26,
            0.06,
            0.86,
        )
    tag(c, look, (566, 900), -6, 1.0, look.palette.paper)


def holder(c: Canvas, look: Look) -> None:
    """A taper in a holder with a finger ring."""
    metal = look.body if look.variant else BRASS
    c.ground(CX, FLOOR, 170)
    c.shape(stroke([(650, 976), (726, 950), (716, 900), (650, 930)], 17), darker(metal, 0.15))
    c.shape(rim(CX, 990, 172, 0.2), darker(metal, 0.25))
    c.shape(rim(CX, 978, 172, 0.2), metal)
    c.shape(rim(CX, 982, 140, 0.2), darker(metal, 0.12))
    c.shape(turned(CX, [(860, 34), (860, 34), (900, 30), (960, 44), (984, 50), (984, 50)]), metal, 0.3)
    c.shape([(484, 480), (516, 480), (526, 868), (474, 868)], IVORY, 0.3)
    c.shape(rim(CX, 860, 46), lighter(metal, 0.3), 0.1)
    c.shape([(474, 856), (526, 856), (526, 862), (474, 862)], darker(IVORY, 0.2))
    _flame(c, CX, 482, 0.9)
    tag(c, look, (700, 906), 8, 0.9, look.palette.paper)


def snuffer(c: Canvas, look: Look) -> None:
    """A bell on a long handle, lying down."""
    metal = look.body if look.variant else BRASS
    about = (500.0, 620.0)
    shaft = turn(stroke([(500, 430), (500, 700), (500, 1060)], 20), 32, about)
    bell = turn(
        [
            *smooth([(470, 430), (440, 350), (410, 240)]),
            (410, 240),
            (590, 240),
            *smooth([(590, 240), (560, 350), (530, 430)]),
        ],
        32,
        about,
    )
    for part in (shaft, bell):
        c.cast(part, 0.3, 18, 24, 14)
    c.shape(shaft, metal, 0.1)
    c.shape(turn(oval(500, 1070, 32), 32, about), metal, 0.2, holes=[turn(oval(500, 1070, 15), 32, about)])
    c.shape(bell, metal, 0.14)
    c.shape(turn(oval(500, 240, 90, 20), 32, about), darker(metal, 0.35))
    tag(c, look, (470, 690), 26, 1.3, look.palette.paper)


KINDS = {
    "candle_jar": Kind(candle_jar),
    "candle_amber": Kind(candle_amber, props=False),
    "candle_ceramic": Kind(candle_ceramic),
    "candle_tin": Kind(candle_tin, props=False),
    "pillar_candle": Kind(pillar_candle),
    "pillar_trio": Kind(pillar_trio),
    "beeswax": Kind(beeswax),
    "tapers": Kind(tapers, "wall"),
    "tealights": Kind(tealights, props=False, zoom=1.1),
    "votives": Kind(votives, props=False, zoom=1.15),
    "holder": Kind(holder),
    "snuffer": Kind(snuffer, "flat"),
}
