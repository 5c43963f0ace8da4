"""Stoneware, glass, enamel and wood: what stands on a kitchen table."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import DARK_WOOD, IRON, IVORY, PALE_WOOD, WHITE, WOOD, Rgb, darker, lighter, mix
from .geometry import Path, Point, box, oval, rim, shift, smooth, stroke, turn, turned
from .look import Kind, Look, belly_band, tag

CX = MIDDLE
DEEP = 0.24  # open dishes are seen from a little higher


def _open_body(c: Canvas, cx: float, profile: list[Point], tone: Rgb, inner: Rgb, tilt: float = DEEP) -> None:
    """A turned pot with its open mouth."""
    y, r = profile[0]
    c.shape(turned(cx, [profile[0], *profile], tilt), tone, 0.26, 0.04)
    c.shape(rim(cx, y, r, tilt), lighter(tone, 0.35))
    c.shape(rim(cx, y + 2, r - 9, tilt), inner)
    c.pattern(rim(cx, y + 2, r - 9, tilt), [shift(rim(cx, y, r, tilt), 0, r * 0.16)], lighter(inner, 0.18))


def _glaze_line(c: Canvas, cx: float, y: float, r: float, tone: Rgb, tilt: float = DEEP) -> None:
    """The bare clay foot below a dipped glaze."""
    foot = oval(cx, y, r, r * tilt, 0, 180)
    c.shape(foot + shift(foot, 0, 40)[::-1], tone, 0.26)


def mug(c: Canvas, look: Look) -> None:
    c.ground(CX - 10, FLOOR, 150)
    c.shape(stroke([(620, 760), (735, 750), (742, 880), (612, 930)], 34), darker(look.body, 0.12))
    profile: list[Point] = [(690, 148), (760, 150), (900, 150), (985, 138), (1005, 124), (1005, 124)]
    _open_body(c, CX - 10, profile, look.body, darker(look.pale, 0.12))
    for dx, dy in ((-84, 40), (-30, 190), (40, 110), (70, 220), (-100, 150), (10, 260), (92, 60)):
        c.shape(oval(CX - 10 + dx, 730 + dy, 3.5, 3), look.deep, alpha=0.5)
    tag(c, look, (740, 812), 8, 1.0)


def cup(c: Canvas, look: Look) -> None:
    """An espresso cup on its saucer."""
    c.ground(CX, FLOOR, 210)
    c.shape(rim(CX, 1000, 214, DEEP), darker(look.body, 0.2))
    c.shape(rim(CX, 988, 214, DEEP), look.body)
    c.shape(rim(CX, 990, 158, DEEP), lighter(look.body, 0.2))
    c.shape(stroke([(590, 850), (672, 848), (668, 920), (582, 946)], 26), darker(look.body, 0.12))
    profile: list[Point] = [(800, 122), (860, 124), (940, 108), (984, 76), (990, 70), (990, 70)]
    _open_body(c, CX, profile, look.body, (78, 48, 36))
    c.shape(rim(CX, 804, 96, DEEP), (150, 98, 62), alpha=0.65)


def bowl(c: Canvas, look: Look) -> None:
    c.ground(CX, FLOOR, 150)
    profile: list[Point] = [(750, 250), (800, 246), (900, 196), (980, 124), (1000, 104), (1000, 104)]
    _open_body(c, CX, profile, look.body, mix(look.pale, look.body, 0.25), 0.26)
    arc = oval(CX, 800, 246, 62, 12, 168)
    c.shape(arc + shift(arc, 0, 9)[::-1], lighter(look.body, 0.4), alpha=0.7)


def plate(c: Canvas, look: Look) -> None:
    """One plate standing behind a short stack."""
    c.ground(560, 890, 190, 0.6)
    c.shape(oval(566, 690, 238), darker(look.body, 0.2))
    c.shape(oval(558, 688, 238), look.body, 0.04)
    c.shape(oval(558, 688, 168), lighter(look.body, 0.24))
    c.shape(oval(558, 688, 238), look.deep, holes=[oval(558, 688, 231)])
    c.ground(440, FLOOR + 10, 226)
    for i in range(4):
        y = 1006 - i * 24
        c.shape(rim(440, y + 14, 210, 0.2), darker(look.body, 0.24))
        c.shape(rim(440, y, 232, 0.2), look.body, 0.1)
    c.shape(rim(440, 934, 232, 0.2), look.body)
    c.shape(rim(440, 937, 172, 0.2), lighter(look.body, 0.24))


def teapot(c: Canvas, look: Look) -> None:
    c.ground(CX, FLOOR, 190)
    c.shape(stroke([(630, 760), (776, 720), (770, 900), (640, 950)], 30), darker(look.body, 0.14))
    c.shape(stroke([(370, 930), (296, 880), (276, 790), (222, 752)], 66, 30), look.body)
    profile: list[Point] = [
        (730, 92),
        (730, 92),
        (770, 150),
        (870, 196),
        (960, 166),
        (1005, 120),
        (1005, 120),
    ]
    c.shape(turned(CX, profile), look.body, 0.26, 0.05)
    c.shape(turned(CX, [(690, 34), (690, 34), (716, 84), (742, 96), (742, 96)]), darker(look.body, 0.1), 0.26)
    c.shape(oval(CX, 668, 26, 24), look.deep, 0.3)
    tag(c, look, (748, 800), 10)


def pitcher(c: Canvas, look: Look) -> None:
    c.ground(CX, FLOOR, 134)
    c.shape(stroke([(580, 620), (722, 640), (720, 800), (610, 880)], 34), darker(look.body, 0.14))
    profile: list[Point] = [
        (560, 110),
        (620, 96),
        (700, 112),
        (840, 158),
        (950, 148),
        (1005, 118),
        (1005, 118),
    ]
    _open_body(c, CX, profile, look.body, darker(look.body, 0.3))
    lip: Path = [(402, 548), (340, 528), (372, 590), (408, 640)]
    c.shape(smooth(lip, closed=True), look.body)
    tag(c, look, (706, 720), 10)


def tumbler(c: Canvas, look: Look) -> None:
    """Two thick glasses."""
    for x, y, k in ((600, 965, 0.9), (405, FLOOR + 5, 1.0)):
        r, top = 108 * k, y - 300 * k
        c.ground(x, y, r, 0.7)
        c.shape(turned(x, [(top, r), (top, r), (y, r * 0.9), (y, r * 0.9)]), look.body, 0.2, 0.06, alpha=0.62)
        base = turned(x, [(y - 34, r * 0.82), (y - 34, r * 0.82), (y - 6, r * 0.8), (y - 6, r * 0.8)])
        c.shape(base, darker(look.body, 0.16), 0.2, alpha=0.6)
        c.shape(rim(x, top, r), lighter(look.body, 0.6), holes=[rim(x, top + 1, r - 7)])
        c.shape(rim(x, top + 90 * k, r * 0.95), WHITE, alpha=0.3)


def cellar(c: Canvas, look: Look) -> None:
    """A small lidded pot: salt, sugar, garlic."""
    c.ground(CX, FLOOR, 168)
    c.shape(turned(CX, [(780, 170), (780, 170), (950, 170), (1005, 150), (1005, 150)]), look.body, 0.26, 0.04)
    c.shape(turned(CX, [(730, 160), (730, 160), (782, 178), (782, 178)]), PALE_WOOD, 0.26)
    c.shape(rim(CX, 730, 160), lighter(PALE_WOOD, 0.3))
    c.shape(turned(CX, [(680, 30), (680, 30), (724, 20), (724, 20)]), WOOD, 0.3)
    c.shape(rim(CX, 680, 30), lighter(WOOD, 0.3))
    tag(c, look, (640, 800), -6, 0.95)


def butter_dish(c: Canvas, look: Look) -> None:
    c.ground(CX, FLOOR, 250)
    c.shape(box(240, 960, 760, 1004, 20), darker(look.body, 0.14), 0.06)
    c.shape(box(240, 950, 760, 976, 13), lighter(look.body, 0.2))
    cover = [
        (300, 958),
        *smooth([(300, 958), (312, 830), (350, 800), (650, 800), (688, 830), (700, 958)]),
        (700, 958),
    ]
    c.shape(cover, look.body, 0.12, 0.03)
    c.shape(box(452, 766, 548, 804, 18), look.deep, 0.2)


def crock(c: Canvas, look: Look) -> None:
    """A stoneware crock holding wooden tools."""
    c.ground(CX, FLOOR, 142)
    for x, lean, tone in ((430, -10, WOOD), (500, 2, PALE_WOOD), (570, 13, DARK_WOOD)):
        c.shape(turn(box(x - 11, 470, x + 11, 800, 8), lean, (x, 800)), tone)
        c.shape(turn(oval(x, 440, 42, 66), lean, (x, 800)), tone, 0.2)
    c.shape(turned(CX, [(720, 142), (720, 142), (1005, 138), (1005, 138)]), look.body, 0.26, 0.04)
    c.shape(rim(CX, 720, 142), lighter(look.body, 0.35), holes=[rim(CX, 721, 130)])
    ring = oval(CX, 780, 142, 24, 0, 180)
    c.shape(ring + shift(ring, 0, 26)[::-1], look.pale, 0.2)
    tag(c, look, (590, 748), -8, 0.9)


def colander(c: Canvas, look: Look) -> None:
    c.ground(CX, FLOOR, 130)
    for side in (-1, 1):
        handle = stroke(
            [(CX + side * 230, 770), (CX + side * 306, 776), (CX + side * 300, 840), (CX + side * 214, 850)],
            18,
        )
        c.shape(handle, IRON)
    profile: list[Point] = [(760, 250), (810, 240), (910, 190), (975, 118), (975, 118)]
    _open_body(c, CX, profile, look.body, lighter(look.body, 0.45), 0.26)
    for row, (y, reach) in enumerate(((868, 168), (904, 140), (938, 104))):
        for i in range(-3, 4):
            x = CX + (i + 0.5 * (row % 2)) * reach / 3.4
            c.shape(oval(x, y + 26 - abs(i) * 2, 9, 8), darker(look.body, 0.45))
    c.shape(turned(CX, [(990, 104), (990, 104), (1008, 110), (1008, 110)]), IRON, 0.2)


def tray(c: Canvas, look: Look) -> None:
    """A long tray seen from the front, with two cups on it."""
    c.ground(CX, FLOOR, 320)
    tone = mix(PALE_WOOD, look.body, 0.1)
    c.shape([(170, 900), (830, 900), (880, 985), (120, 985)], darker(tone, 0.1))
    for x in (400, 590):
        c.ground(x, 950, 74, 0.7)
        _open_body(
            c, x, [(790, 80), (880, 80), (940, 66), (940, 66)], lighter(look.palette.main, 0.15), IVORY
        )
    c.shape(box(116, 972, 884, 1016, 10), tone, 0.02)
    for x in (160, 780):
        c.shape(box(x, 985, x + 60, 1001, 8), darker(tone, 0.45))


def napkins(c: Canvas, look: Look) -> None:
    """A pile of folded cloth under a paper sleeve."""
    c.ground(CX, FLOOR, 260)
    for i in range(6):
        y = 1006 - i * 30
        tone = darker(look.body, 0.05 * (i % 2))
        c.shape(box(252 + i * 2, y - 33, 748 - i * 3, y, 15), tone, 0.05)
        c.shape(box(262, y - 18, 742, y - 15), darker(look.body, 0.14), alpha=0.5)
    c.shape([(266, 838), (310, 800), (704, 800), (734, 838)], lighter(look.body, 0.2))
    c.shape([(400, 800), (600, 800), (604, 838), (396, 838)], look.palette.paper)
    belly_band(c, look, (396, 838, 604, 1000))


KINDS = {
    "mug": Kind(mug),
    "cup": Kind(cup),
    "bowl": Kind(bowl),
    "plate": Kind(plate, props=False),
    "teapot": Kind(teapot),
    "pitcher": Kind(pitcher),
    "tumbler": Kind(tumbler, props=False),
    "cellar": Kind(cellar),
    "butter_dish": Kind(butter_dish),
    "crock": Kind(crock),
    "colander": Kind(colander),
    "tray": Kind(tray, zoom=1.1),
    "napkins": Kind(napkins),
}
