"""Brushes, sponges and stones."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import FLAX, IVORY, JUTE, KRAFT, PALE_WOOD, STEEL, WOOD, darker, mix, rgb
from .geometry import Path, box, oval, pebble, smooth, stroke, turn
from .lettering import fit
from .look import Kind, Look, tag

CX = MIDDLE
SPONGE = rgb("#dcb76a")


def _bristles(c: Canvas, outline: Path, spread: tuple[float, float, float, float], degrees: float) -> None:
    x0, x1, y0, y1 = spread
    c.shape(outline, JUTE)
    about = ((x0 + x1) / 2, (y0 + y1) / 2)
    hairs = [turn(box(x, y0 - 20, x + 4, y1 + 20), degrees, about) for x in range(int(x0), int(x1), 13)]
    c.pattern(outline, hairs, darker(JUTE, 0.2), 0.8)


def bath_brush(c: Canvas, look: Look) -> None:
    """A long-handled brush lying across the table."""
    about = (500.0, 620.0)
    shaft = turn(stroke([(500, 560), (494, 800), (500, 1120)], 50, 62), 28, about)
    head = turn(oval(500, 360, 118, 214), 28, about)
    for part in (shaft, head):
        c.cast(part, 0.3, 24, 28, 18)
    tone = mix(PALE_WOOD, look.body, 0.08)
    c.shape(shaft, tone, 0.08)
    c.shape(turn(oval(500, 1102, 9), 28, about), look.palette.table)
    c.shape(head, tone, 0.05)
    _bristles(c, turn(oval(500, 360, 92, 186), 28, about), (408, 592, 180, 540), 28)
    c.line(turn([(500, 1104), (520, 1180), (486, 1180), (500, 1104)], 28, about), 7, KRAFT)
    tag(c, look, (452, 712), 28, 1.25, look.palette.paper)


def nail_brush(c: Canvas, look: Look) -> None:
    c.ground(CX, FLOOR, 240)
    bristles: Path = [(290, 900), (710, 900), (724, 1008), (276, 1008)]
    c.shape(bristles, IVORY)
    c.pattern(bristles, [box(x, 880, x + 6, 1020) for x in range(280, 724, 20)], darker(IVORY, 0.16), 0.9)
    top = [
        *smooth([(258, 908), (262, 850), (330, 820), (500, 812), (670, 820), (738, 850), (742, 908)]),
        (742, 908),
        (258, 908),
    ]
    c.shape(top, mix(WOOD, look.body, 0.1), 0.08, 0.02)
    c.shape(oval(500, 862, 14, 9), darker(WOOD, 0.4))
    tag(c, look, (664, 872), -4, 0.9)


def dish_brush(c: Canvas, look: Look) -> None:
    """A dish brush with a round head, lying down."""
    about = (500.0, 620.0)
    shaft = turn(stroke([(500, 470), (504, 760), (500, 1060)], 40, 54), -30, about)
    head = turn(oval(500, 350, 150, 130), -30, about)
    for part in (shaft, head):
        c.cast(part, 0.3, 20, 26, 16)
    fringe = turn(oval(500, 350, 168, 148), -30, about)
    _bristles(c, fringe, (332, 668, 200, 500), -30)
    c.shape(shaft, PALE_WOOD, 0.1)
    c.shape(head, mix(PALE_WOOD, look.body, 0.08), 0.08)
    c.line(turn([(470, 470), (500, 430), (530, 470)], -30, about), 10, STEEL)
    tag(c, look, (560, 716), -30, 1.25, look.palette.paper)


def loofah(c: Canvas, look: Look) -> None:
    """A ribbed length of loofah with a cord."""
    body = turn(
        smooth(
            [
                (420, 260),
                (580, 260),
                (612, 420),
                (590, 620),
                (616, 820),
                (584, 980),
                (416, 980),
                (386, 820),
                (412, 620),
                (388, 420),
            ],
            closed=True,
        ),
        18,
        (500, 620),
    )
    c.cast(body, 0.3, 22, 26, 18)
    c.shape(body, JUTE, 0.12)
    ribs = [
        turn(stroke([(x, 240), (x + look.rng.uniform(-16, 16), 620), (x, 1000)], 9), 18, (500, 620))
        for x in range(400, 620, 34)
    ]
    c.pattern(body, ribs, darker(JUTE, 0.16), 0.8)
    holes = [
        turn(pebble(look.rng.uniform(410, 590), look.rng.uniform(290, 960), 9, 15, look.rng), 18, (500, 620))
        for _ in range(60)
    ]
    c.pattern(body, holes, darker(JUTE, 0.3), 0.7)
    c.line(turn([(500, 268), (470, 170), (530, 170), (504, 268)], 18, (500, 620)), 9, look.body)
    c.pattern(body, [turn(box(376, 520, 624, 740), 18, (500, 620))], look.palette.paper)
    lines, size = fit(look.label, "serif", 170, 150, 56)
    for i, line in enumerate(lines):
        at = turn([(500, 630 + (i - (len(lines) - 1) / 2) * size * 1.05)], 18, (500, 620))[0]
        c.text(line, at, size, look.palette.ink, "serif", 18)


def sponge(c: Canvas, look: Look) -> None:
    """Two sea sponges."""
    for x, y, rx, ry in ((610, 880, 140, 110), (410, 890, 190, 150)):
        c.ground(x, y + ry * 0.86, rx * 0.86, 0.9)
        tone = mix(SPONGE, look.palette.wall, 0.06)
        body = pebble(x, y, rx, ry, look.rng, 0.09)
        c.shape(body, tone, 0.22)
        pores = [
            pebble(
                x + look.rng.uniform(-rx, rx),
                y + look.rng.uniform(-ry, ry),
                7 + 9 * look.rng.random(),
                9,
                look.rng,
            )
            for _ in range(46)
        ]
        c.pattern(body, pores, darker(tone, 0.26), 0.75)
    tag(c, look, (486, 800), -4, 0.95, look.palette.paper)


def pumice(c: Canvas, look: Look) -> None:
    c.ground(CX, FLOOR, 200)
    tone = mix(rgb("#a9a6a0"), look.body, 0.12)
    body = smooth(
        [(300, 930), (340, 820), (480, 790), (640, 812), (708, 900), (690, 985), (560, 1016), (380, 1012)],
        closed=True,
    )
    c.shape(body, tone, 0.16)
    pores = [
        oval(look.rng.uniform(300, 700), look.rng.uniform(800, 1010), 3 + 7 * look.rng.random())
        for _ in range(90)
    ]
    c.pattern(body, pores, darker(tone, 0.3), 0.8)
    c.line([(410, 806), (380, 700), (450, 660), (470, 720), (430, 806)], 10, FLAX)
    tag(c, look, (600, 830), -5, 1.0, look.palette.paper)


KINDS = {
    "bath_brush": Kind(bath_brush, "flat"),
    "nail_brush": Kind(nail_brush),
    "dish_brush": Kind(dish_brush, "flat"),
    "loofah": Kind(loofah, "flat"),
    "sponge": Kind(sponge, props=False),
    "pumice": Kind(pumice),
}
