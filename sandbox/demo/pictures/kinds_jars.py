"""Jars, bottles, tins and boxes: what carries a paper label."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import AMBER, BRASS, GLASS, INK, IVORY, KRAFT, PALE_WOOD, STEEL, WHITE, darker, lighter, mix
from .geometry import Path, Point, box, oval, rim, stroke, turned
from .look import Kind, Look, flat_label, round_label

CX = MIDDLE


def bottle(c: Canvas, look: Look) -> None:
    """A tall round bottle with a cap."""
    c.ground(CX, FLOOR, 128)
    body = turned(CX, [(560, 44), (560, 44), (590, 48), (640, 118), (680, 128), (1010, 128), (1010, 128)])
    c.shape(body, look.body, 0.28, 0.05)
    c.shape(turned(CX, [(488, 50), (488, 50), (566, 50), (566, 50)]), INK, 0.3)
    c.shape(rim(CX, 488, 50), lighter(INK, 0.16))
    round_label(c, look, (710, 950), 128, 116)


def pump_bottle(c: Canvas, look: Look) -> None:
    """A bottle with a pump: hand soap, lotion."""
    c.ground(CX, FLOOR, 140)
    metal = INK if look.rng.random() < 0.6 else darker(BRASS, 0.05)
    c.line([(CX, 500), (CX, 440)], 20, darker(metal, 0.1))
    c.shape(stroke([(CX + 14, 424), (CX - 60, 420), (CX - 132, 440), (CX - 142, 462)], 30, 17), metal)
    c.shape(box(CX - 42, 404, CX + 46, 444, 12), metal, 0.2)
    c.shape(turned(CX, [(500, 46), (500, 46), (566, 50), (566, 50)]), metal, 0.3)
    c.shape(rim(CX, 500, 46), lighter(metal, 0.15))
    body = turned(CX, [(566, 52), (566, 52), (590, 92), (634, 138), (670, 142), (1010, 142), (1010, 142)])
    c.shape(body, look.body, 0.26, 0.05)
    round_label(c, look, (700, 950), 142, 128)


def spray_bottle(c: Canvas, look: Look) -> None:
    """Glass with a sprayer: linen spray, mists."""
    c.ground(CX, FLOOR, 112)
    c.shape(
        turned(CX, [(560, 40), (560, 40), (620, 44), (660, 112), (1010, 112), (1010, 112)]),
        look.body,
        0.28,
        0.06,
    )
    c.shape(turned(CX, [(470, 38), (470, 38), (566, 42), (566, 42)]), IVORY, 0.3)
    head: Path = [(CX - 84, 414), (CX + 40, 408), (CX + 52, 474), (CX - 50, 476), (CX - 84, 452)]
    c.shape(head, WHITE, 0.18)
    c.shape(stroke([(CX - 40, 476), (CX - 62, 530)], 16, 10), darker(IVORY, 0.2))
    c.shape(box(CX - 92, 420, CX - 80, 446, 3), INK)
    round_label(c, look, (710, 945), 112, 104)


def dropper_bottle(c: Canvas, look: Look) -> None:
    """A small amber bottle with a pipette, and its box behind."""
    c.ground(645, 985, 92, 0.8)
    c.shape(box(556, 640, 736, 985, 3), look.body, 0.16)
    flat_label(c, look, (574, 700, 718, 900), look.palette.paper)
    x = 400
    c.ground(x, FLOOR + 10, 102)
    c.shape(
        turned(x, [(716, 40), (716, 40), (742, 48), (778, 100), (1020, 100), (1020, 100)]), AMBER, 0.28, 0.07
    )
    c.shape(turned(x, [(660, 42), (660, 42), (722, 44), (722, 44)]), INK, 0.3)
    c.shape(turned(x, [(560, 20), (560, 20), (590, 29), (662, 29), (662, 29)]), darker(INK, 0.1), 0.3)
    round_label(c, look, (826, 970), 100, 94, x)


def syrup_bottle(c: Canvas, look: Look) -> None:
    """A jug with a ring at the neck, as maple syrup comes in."""
    c.ground(CX, FLOOR, 150)
    c.shape(
        stroke([(CX + 44, 548), (CX + 104, 556), (CX + 96, 622), (CX + 62, 640)], 20), darker(look.body, 0.25)
    )
    profile: list[Point] = [
        (520, 40),
        (520, 40),
        (580, 46),
        (640, 92),
        (700, 142),
        (760, 152),
        (1010, 148),
        (1010, 148),
    ]
    c.shape(turned(CX, profile), look.body, 0.26, 0.05)
    c.shape(turned(CX, [(470, 44), (470, 44), (530, 46), (530, 46)]), IVORY, 0.3)
    c.shape(rim(CX, 470, 44), lighter(IVORY, 0.4))
    round_label(c, look, (745, 955), 152, 132)


def jug(c: Canvas, look: Look) -> None:
    """A gallon or half-gallon refill."""
    c.ground(CX, FLOOR, 200)
    grip = stroke([(CX + 96, 560), (CX + 196, 570), (CX + 204, 700), (CX + 168, 770)], 42)
    c.shape(grip, mix(look.body, WHITE, 0.35), 0.1)
    body = turned(
        CX, [(500, 54), (500, 54), (540, 70), (610, 176), (680, 200), (1010, 200), (1010, 200)], 0.12
    )
    c.shape(body, mix(look.body, WHITE, 0.35), 0.2, 0.04)
    c.shape(turned(CX, [(448, 60), (448, 60), (510, 60), (510, 60)], 0.14), look.deep, 0.3)
    c.shape(rim(CX, 448, 60, 0.14), look.body)
    round_label(c, look, (690, 950), 200, 168)


def _lid(c: Canvas, y: float, r: float, height: float, tone: tuple[int, int, int]) -> None:
    c.shape(turned(CX, [(y, r), (y, r), (y + height, r), (y + height, r)]), tone, 0.28)
    c.shape(rim(CX, y, r), lighter(tone, 0.3))


def honey_jar(c: Canvas, look: Look) -> None:
    """A squat glass jar with its contents showing, and a dipper."""
    c.ground(CX, FLOOR, 172)
    c.shape(
        turned(CX, [(640, 150), (640, 150), (680, 172), (980, 172), (1010, 160), (1010, 160)]),
        look.body,
        0.26,
        0.06,
    )
    c.shape(turned(CX, [(612, 138), (612, 138), (650, 148), (650, 148)]), mix(GLASS, look.body, 0.4), 0.2)
    _lid(c, 556, 152, 66, darker(BRASS, 0.06))
    round_label(c, look, (730, 945), 172, 142)


def jam_jar(c: Canvas, look: Look) -> None:
    """A jar under a cloth cap tied with string."""
    c.ground(CX, FLOOR, 150)
    c.shape(
        turned(CX, [(640, 136), (640, 136), (690, 150), (985, 150), (1010, 140), (1010, 140)]),
        look.body,
        0.26,
        0.06,
    )
    cap = turned(CX, [(560, 130), (560, 130), (596, 146), (668, 186), (668, 186)], 0.12)
    cloth = lighter(look.palette.second, 0.3)
    c.shape(cap, cloth, 0.2)
    stripes = [stroke([(CX + dx * 0.8, 520), (CX + dx, 700)], 13) for dx in range(-180, 200, 45)]
    c.pattern(cap, stripes, lighter(cloth, 0.6), 0.75)
    c.shape(rim(CX, 560, 130, 0.12), lighter(cloth, 0.3))
    c.line([(CX - 150, 604), (CX, 630), (CX + 150, 604)], 8, KRAFT)
    round_label(c, look, (745, 940), 150, 128)


def jar(c: Canvas, look: Look) -> None:
    """A low cosmetic jar with a wooden lid: scrubs, masks, mustard."""
    c.ground(CX, FLOOR, 182)
    c.shape(turned(CX, [(720, 182), (720, 182), (1010, 182), (1010, 182)]), look.body, 0.24, 0.05)
    _lid(c, 640, 186, 74, PALE_WOOD)
    round_label(c, look, (770, 960), 182, 156)


def salts_jar(c: Canvas, look: Look) -> None:
    """A glass jar with a cork, filled with coarse salt."""
    c.ground(CX, FLOOR, 158)
    glass = mix(GLASS, look.palette.wall, 0.3)
    c.shape(
        turned(CX, [(570, 112), (570, 112), (610, 118), (660, 156), (1010, 158), (1010, 158)]),
        glass,
        0.0,
        0.05,
    )
    c.shape(turned(CX, [(700, 148), (700, 148), (1000, 150), (1000, 150)]), lighter(look.body, 0.35), 0.22)
    c.shape(rim(CX, 700, 148), lighter(look.body, 0.6))
    for _ in range(46):
        x, y = CX + look.rng.uniform(-120, 120), 700 + look.rng.uniform(-16, 16)
        c.shape(box(x, y, x + 9, y + 8), look.rng.choice((WHITE, look.body, look.pale)))
    c.shape(turned(CX, [(512, 108), (512, 108), (590, 100), (590, 100)]), mix(KRAFT, PALE_WOOD, 0.4), 0.28)
    c.shape(rim(CX, 512, 108), lighter(KRAFT, 0.35))
    round_label(c, look, (770, 950), 158, 132)


def spice_tin(c: Canvas, look: Look) -> None:
    """A tall tin with a slip lid: tea, cocoa."""
    c.ground(CX, FLOOR, 150)
    c.shape(turned(CX, [(560, 150), (560, 150), (1010, 150), (1010, 150)]), look.body, 0.26, 0.05)
    c.shape(turned(CX, [(498, 153), (498, 153), (602, 153), (602, 153)]), look.deep, 0.26)
    c.shape(rim(CX, 498, 153), look.body)
    c.shape(rim(CX, 498, 128), look.deep)
    c.shape(rim(CX, 500, 124), lighter(look.body, 0.12))
    round_label(c, look, (680, 945), 150, 136)


def salve_tin(c: Canvas, look: Look) -> None:
    """A shallow round tin lying closed, another standing on edge behind it."""
    c.ground(560, 930, 150, 0.7)
    face = oval(570, 800, 158)
    c.shape(oval(584, 802, 160), darker(STEEL, 0.15))
    c.shape(face, STEEL, 0.12)
    c.shape(oval(570, 800, 136), look.body)
    flat_words(c, look, (570, 800), 100)
    x = 430
    c.ground(x, FLOOR + 20, 168)
    c.shape(turned(x, [(945, 168), (945, 168), (1025, 168), (1025, 168)]), STEEL, 0.28, 0.04)
    c.shape(rim(x, 945, 168), lighter(STEEL, 0.35))
    c.shape(rim(x, 945, 146), look.body)


def flat_words(c: Canvas, look: Look, at: Point, half: float) -> None:
    """The label's words on a round lid."""
    x, y = at
    c.shape(oval(x, y, half * 1.18), look.palette.paper)
    flat_label(
        c,
        look,
        (x - half * 0.96, y - half * 0.62, x + half * 0.96, y + half * 0.62),
        look.palette.paper,
        frame=False,
    )


def pouch(c: Canvas, look: Look) -> None:
    """A stand-up paper bag with a folded top: coffee, pancake mix."""
    c.ground(CX, FLOOR, 180)
    paper = mix(KRAFT, look.body, 0.08)
    side: Path = [(328, 520), (672, 520), (690, 760), (694, 1016), (500, 1030), (306, 1016), (310, 760)]
    c.shape(side, paper, 0.12)
    c.shape([(328, 440), (672, 440), (676, 560), (324, 560)], darker(paper, 0.08), 0.08)
    c.shape(box(326, 556, 674, 562), darker(paper, 0.28))
    for x in (308, 676):
        c.shape(box(x, 468, x + 16, 530, 4), STEEL)
    flat_label(c, look, (362, 640, 638, 940), look.palette.paper)
    c.shape(box(362, 916, 638, 940, 2), look.body)


def tea_box(c: Canvas, look: Look) -> None:
    """A carton seen a little from the side."""
    c.ground(CX + 20, FLOOR, 190)
    front: Path = [(310, 560), (600, 560), (600, 1012), (310, 1012)]
    side: Path = [(600, 560), (690, 530), (690, 962), (600, 1012)]
    top: Path = [(310, 560), (400, 530), (690, 530), (600, 560)]
    c.shape(front, look.body)
    c.shape(side, darker(look.body, 0.24))
    c.shape(top, lighter(look.body, 0.28))
    c.shape([(310, 700), (600, 700), (600, 706), (310, 706)], lighter(look.body, 0.5), alpha=0.5)
    flat_label(c, look, (338, 610, 572, 930))
    c.shape(oval(455, 970, 16), look.pale)


KINDS = {
    "bottle": Kind(bottle),
    "pump_bottle": Kind(pump_bottle),
    "spray_bottle": Kind(spray_bottle),
    "dropper_bottle": Kind(dropper_bottle, props=False),
    "syrup_bottle": Kind(syrup_bottle),
    "jug": Kind(jug),
    "honey_jar": Kind(honey_jar),
    "jam_jar": Kind(jam_jar),
    "jar": Kind(jar),
    "salts_jar": Kind(salts_jar),
    "tin": Kind(spice_tin),
    "salve_tin": Kind(salve_tin, props=False),
    "pouch": Kind(pouch),
    "tea_box": Kind(tea_box),
}
