"""Hand tools, seed packets, twine and baskets."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import (
    DARK_WOOD,
    IRON,
    KRAFT,
    LEAF,
    PALE_WOOD,
    STEEL,
    WOOD,
    darker,
    lighter,
    mix,
    rgb,
)
from .geometry import Path, Point, box, leaf, oval, pebble, rim, shift, smooth, stroke, turn, turned
from .look import Kind, Look, belly_band, flat_label, tag

CX = MIDDLE


def trowel(c: Canvas, look: Look) -> None:
    """A hand trowel lying down."""
    about = (500.0, 620.0)
    blade = turn(
        smooth(
            [(500, 150), (500, 150), (586, 290), (596, 480), (540, 560), (460, 560), (404, 480), (414, 290)],
            closed=True,
        ),
        22,
        about,
    )
    _tool(c, look, blade, about, 22)
    c.pattern(
        blade, [turn(stroke([(500, 200), (500, 400), (500, 560)], 8, 46), 22, about)], darker(STEEL, 0.2), 0.8
    )


def fork(c: Canvas, look: Look) -> None:
    """A three-tined hand fork."""
    about = (500.0, 620.0)
    tines = [
        turn(
            stroke([(500 + dx * 1.1, 170), (500 + dx * 1.15, 400), (500 + dx * 0.4, 540)], 22, 34), -22, about
        )
        for dx in (-90, 0, 90)
    ]
    for tine in tines:
        c.cast(tine, 0.26, 18, 24, 14)
    for tine in tines:
        c.shape(tine, STEEL, 0.2)
    _tool(c, look, turn(oval(500, 520, 52, 46), -22, about), about, -22)


def _tool(c: Canvas, look: Look, head: Path, about: Point, degrees: float) -> None:
    """Head, ferrule and ash handle of a hand tool."""
    neck = turn(stroke([(500, 540), (500, 700)], 30), degrees, about)
    handle = turn(
        smooth(
            [
                (470, 690),
                (462, 800),
                (454, 960),
                (470, 1090),
                (530, 1090),
                (546, 960),
                (538, 800),
                (530, 690),
            ],
            closed=True,
        ),
        degrees,
        about,
    )
    for part in (head, neck, handle):
        c.cast(part, 0.26, 18, 24, 14)
    c.shape(neck, darker(STEEL, 0.2), 0.2)
    c.shape(head, STEEL, 0.08)
    c.shape(handle, mix(WOOD, look.body, 0.06), 0.14)
    c.pattern(handle, [turn(box(440, 1010, 560, 1046), degrees, about)], look.body)
    c.shape(turn(box(468, 676, 532, 724, 6), degrees, about), darker(STEEL, 0.1))
    c.shape(turn(oval(500, 1072, 8), degrees, about), darker(DARK_WOOD, 0.3))
    side = 1 if degrees > 0 else -1
    tag(c, look, turn([(500, 760)], degrees, about)[0], side * -6, 1.3, look.palette.paper)


def snips(c: Canvas, look: Look) -> None:
    """Spring snips, open."""
    about = (500.0, 560.0)
    for lean, tone in ((12, STEEL), (-12, lighter(STEEL, 0.3))):
        side = 1 if lean > 0 else -1
        blade = turn(
            [
                (488, 560),
                *smooth([(488, 560), (470, 360), (500, 180)]),
                *smooth([(500, 180), (520, 360), (514, 560)]),
            ],
            lean,
            about,
        )
        grip = turn(
            stroke(
                [(500, 560), (500 - side * 90, 700), (500 - side * 96, 900), (500 - side * 40, 1040)], 46, 58
            ),
            -lean * 0.4,
            about,
        )
        c.cast(blade, 0.26, 16, 22, 12)
        c.cast(grip, 0.26, 18, 24, 14)
        c.shape(blade, tone, 0.2)
        c.shape(grip, look.body if side > 0 else darker(look.body, 0.14), 0.16)
    c.shape(oval(500, 560, 30), darker(STEEL, 0.25), 0.2)
    c.shape(oval(500, 560, 10), IRON)
    tag(c, look, (500, 690), 4, 1.3, look.palette.paper)


def watering_can(c: Canvas, look: Look) -> None:
    c.ground(CX + 40, FLOOR, 160)
    tone = look.body
    c.shape(stroke([(620, 660), (800, 640), (800, 860), (690, 930)], 24), darker(tone, 0.2))
    c.shape(stroke([(470, 640), (540, 540), (640, 560), (672, 650)], 20), darker(tone, 0.12))
    c.shape(stroke([(430, 920), (310, 800), (210, 640)], 52, 30), tone)
    rose: Path = turn(box(142, 590, 262, 624, 8), -36, (202, 610))
    c.shape(rose, darker(tone, 0.12))
    c.shape(turned(CX + 50, [(680, 150), (680, 150), (1006, 160), (1006, 160)]), tone, 0.26, 0.05)
    c.shape(rim(CX + 50, 680, 150), lighter(tone, 0.25))
    c.shape(rim(CX + 50, 682, 136), darker(tone, 0.4))
    for y in (740, 960):
        ring = oval(CX + 50, y, 152 + (y - 680) * 0.03, 27, 0, 180)
        c.shape(ring + shift(ring, 0, 9)[::-1], lighter(tone, 0.2), 0.2)
    tag(c, look, (580, 760), -6, 1.15, look.palette.paper)


def _drawn_flower(c: Canvas, look: Look, x: float, y: float) -> None:
    c.shape(leaf(x, y, 210, 12, 88), LEAF)
    for degrees in (20, 160):
        c.shape(leaf(x + 2, y + 120, 120, 44, degrees), LEAF)
    for i in range(11):
        c.shape(leaf(x, y, 124, 50, i * 360 / 11), look.body if i % 2 else darker(look.body, 0.12))
    c.shape(oval(x, y, 38), darker(rgb("#c98a2c"), 0.25), 0.2)


def _drawn_vegetable(c: Canvas, look: Look, x: float, y: float) -> None:
    if look.variant == "Cucumber":
        _drawn_cucumber(c, look, x, y)
        return
    squat = 0.72 if look.variant == "Squash" else 0.9
    c.shape(pebble(x, y + 40, 128, 128 * squat, look.rng, 0.03), look.body, 0.24, 0.05)
    for degrees in (-90, -150, -30, 170, 10):
        c.shape(leaf(x, y - 64, 92, 30, degrees), LEAF)
    c.line([(x, y - 64), (x + 8, y - 112)], 12, darker(LEAF, 0.2))


def _drawn_cucumber(c: Canvas, look: Look, x: float, y: float) -> None:
    fruit = turn(box(x - 52, y - 120, x + 52, y + 170, 50), 24, (x, y))
    c.shape(fruit, look.body, 0.24, 0.05)
    stripes = [turn(stroke([(x + dx, y - 120), (x + dx, y + 170)], 7), 24, (x, y)) for dx in (-26, 0, 26)]
    c.pattern(fruit, stripes, lighter(look.body, 0.3), 0.6)
    tip = turn([(x, y - 118)], 24, (x, y))[0]
    for degrees in (-150, -20):
        c.shape(leaf(*tip, 120, 52, degrees), LEAF)
    c.line([tip, (tip[0] + 16, tip[1] - 44)], 11, darker(LEAF, 0.2))


def seed_packet(c: Canvas, look: Look) -> None:
    """A packet with its plant drawn on it, a few seeds spilled beside it."""
    packet = turn(box(290, 220, 710, 960, 4), -4, (500, 590))
    c.cast(packet, 0.3, 18, 24, 14)
    c.shape(packet, look.palette.paper)
    c.shape(turn(box(290, 220, 710, 300), -4, (500, 590)), look.body)
    x, y = turn([(500, 470)], -4, (500, 590))[0]
    draw_plant = _drawn_vegetable if "vegetable" in look.label.lower() else _drawn_flower
    draw_plant(c, look, x, y)
    flat_label(c, look, (330, 690, 700, 910), look.palette.paper, frame=False)
    for _ in range(12):
        seed = pebble(look.rng.uniform(560, 840), look.rng.uniform(1010, 1100), 11, 7, look.rng)
        c.cast(seed, 0.3, 3, 4, 3)
        c.shape(seed, darker(KRAFT, 0.4))


def twine(c: Canvas, look: Look) -> None:
    """A spool of twine with its end loose."""
    c.ground(CX, FLOOR, 180)
    c.line([(610, 900), (760, 960), (700, 1030), (830, 1060)], 9, look.body)
    c.shape(turned(CX, [(960, 186), (960, 186), (1002, 186), (1002, 186)]), DARK_WOOD, 0.26)
    c.shape(rim(CX, 960, 186), lighter(WOOD, 0.1))
    body = turned(CX, [(690, 150), (690, 150), (830, 160), (965, 150), (965, 150)])
    c.shape(body, look.body, 0.26)
    winds = [stroke([(CX - 180, y), (CX, y + 40), (CX + 180, y - 12)], 5) for y in range(660, 990, 17)]
    c.pattern(body, winds, darker(look.body, 0.22), 0.7)
    c.shape(turned(CX, [(650, 186), (650, 186), (692, 186), (692, 186)]), DARK_WOOD, 0.26)
    c.shape(rim(CX, 650, 186), WOOD)
    c.shape(rim(CX, 650, 44), darker(DARK_WOOD, 0.3))
    flat_label(c, look, (400, 764, 600, 914))


def markers(c: Canvas, look: Look) -> None:
    """Plant markers fanned out."""
    for i, lean in enumerate((-26, -13, 0, 13, 26)):
        about = (500.0, 1120.0)
        stake: Path = turn(
            [(452, 330), (500, 300), (548, 330), (548, 900), (500, 1040), (452, 900)], lean, about
        )
        c.cast(stake, 0.26, 14, 18, 12)
        c.shape(stake, mix((STEEL, PALE_WOOD)[look.variant is None], look.body, 0.08 * i))
        word = ("Basil", "Thyme", "Sage", "Dill", "Mint")[i]
        at = turn([(500, 520)], lean, about)[0]
        c.text(word, at, 44, look.palette.ink, "italic", lean - 90)
    c.cast(box(380, 800, 620, 930), 0.2, 8, 10, 8)
    belly_band(c, look, (380, 800, 620, 930))


def trug(c: Canvas, look: Look) -> None:
    """A harvest basket of slats with a bent handle."""
    c.ground(CX, FLOOR, 250)
    c.shape(stroke([(380, 860), (390, 600), (500, 530), (610, 600), (620, 860)], 26), darker(WOOD, 0.1))
    for x, tone in (
        (360, rgb("#c4553f")),
        (450, rgb("#8c9c5a")),
        (545, rgb("#d9a24a")),
        (636, rgb("#c4553f")),
    ):
        c.shape(pebble(x, 800, 60, 56, look.rng, 0.03), tone, 0.26)
    body: Path = [
        (190, 800),
        (810, 800),
        *smooth([(810, 800), (770, 920), (690, 1006)]),
        (310, 1006),
        *smooth([(310, 1006), (230, 920), (190, 800)]),
    ]
    tone = mix(PALE_WOOD, look.body, 0.1)
    c.shape(body, tone, 0.08)
    c.pattern(body, [box(180, y, 820, y + 6) for y in (860, 916, 966)], darker(tone, 0.3))
    c.shape(box(184, 790, 816, 826, 12), darker(WOOD, 0.06), 0.03)
    tag(c, look, (580, 812), -5, 1.1, look.palette.paper)


KINDS = {
    "trowel": Kind(trowel, "flat"),
    "fork": Kind(fork, "flat"),
    "snips": Kind(snips, "flat"),
    "watering_can": Kind(watering_can, props=False, zoom=1.12),
    "seed_packet": Kind(seed_packet, "flat", props=False),
    "twine": Kind(twine),
    "markers": Kind(markers, "flat", props=False),
    "trug": Kind(trug, zoom=1.12),
}
