"""Soap, tubes, towels and baskets: what a bathroom shelf holds."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import IVORY, JUTE, STEEL, WOOD, darker, lighter, mix
from .geometry import Path, box, oval, rim, shift, smooth, turned
from .look import Kind, Look, belly_band, flat_label, tag

CX = MIDDLE


def soap_bar(c: Canvas, look: Look) -> None:
    """A bar in its paper sleeve leaning on a bare one."""
    c.ground(560, 940, 150, 0.8)
    c.shape(box(430, 700, 740, 940, 34), darker(look.body, 0.2))
    c.shape(box(420, 696, 730, 936, 34), look.body, 0.06)
    c.shape(box(456, 732, 694, 900, 22), darker(look.body, 0.08))
    c.shape(box(460, 736, 694, 900, 22), look.body)
    c.ground(440, FLOOR + 14, 190, 0.9)
    c.shape(box(262, 800, 628, 1022, 22), darker(look.body, 0.16))
    c.shape(box(252, 794, 618, 1018, 22), look.body, 0.04)
    belly_band(c, look, (318, 793, 560, 1019))


def soap_stack(c: Canvas, look: Look) -> None:
    """Three bars tied with string."""
    c.ground(CX, FLOOR, 220)
    tones = (look.body, look.palette.second, look.pale)
    for i, tone in enumerate(tones):
        y = 1006 - i * 108
        wide = 208 - i * 6
        c.shape(box(CX - wide, y - 106, CX + wide, y, 26), darker(tone, 0.03), 0.07)
        c.shape(box(CX - wide + 12, y - 104, CX + wide - 20, y - 84, 10), lighter(tone, 0.35))
    c.line([(CX - 70, 684), (CX - 72, 850), (CX - 70, 1008)], 8, JUTE)
    bow = [
        (CX - 70, 684),
        (CX - 150, 634),
        (CX - 168, 676),
        (CX - 70, 686),
        (CX + 20, 634),
        (CX + 34, 678),
        (CX - 66, 686),
    ]
    c.line(bow, 8, JUTE)
    flat_label(c, look, (CX - 40, 740, CX + 170, 944))


def round_soap(c: Canvas, look: Look) -> None:
    """A round bar: one lying, one standing."""
    c.ground(576, 950, 140, 0.8)
    c.shape(oval(592, 800, 150), darker(look.body, 0.18))
    c.shape(oval(576, 800, 150), look.body, 0.05)
    c.shape(oval(576, 800, 112), look.palette.paper)
    flat_label(c, look, (486, 736, 666, 864), look.palette.paper, frame=False)
    c.ground(410, FLOOR + 16, 150, 0.9)
    c.shape(turned(410, [(952, 150), (952, 150), (1010, 150), (1022, 140), (1022, 140)]), look.body, 0.26)
    c.shape(rim(410, 952, 150), lighter(look.body, 0.3))


def soap_dish(c: Canvas, look: Look) -> None:
    """A slatted dish with a bar on it."""
    c.ground(CX, FLOOR, 270)
    wood = mix(WOOD, look.body, 0.12)
    c.shape(box(330, 806, 670, 940, 36), look.pale, 0.08)
    c.shape(box(352, 812, 640, 840, 14), lighter(look.pale, 0.5))
    for x in (270, 350, 430, 510, 590, 670):
        c.shape(box(x, 930, x + 62, 962, 6), lighter(wood, 0.1), 0.1)
    c.shape(box(236, 952, 764, 990, 8), wood, 0.04)
    for x in (270, 660):
        c.shape(box(x, 986, x + 70, 1012, 4), darker(wood, 0.2))
    tag(c, look, (706, 966), 6, 0.6)


def bath_bombs(c: Canvas, look: Look) -> None:
    """Four balls in an open carton."""
    c.ground(CX, FLOOR, 270)
    for i, x in enumerate((318, 440, 562, 684)):
        tone = (look.body, look.pale, look.palette.second, look.body)[i]
        c.shape(oval(x, 800, 74), tone, 0.3)
        for _ in range(9):
            dx, dy = look.rng.uniform(-46, 40), look.rng.uniform(-50, 20)
            c.shape(oval(x + dx, 800 + dy, 4), lighter(tone, 0.7))
    c.shape(box(236, 816, 764, 1010, 6), look.palette.paper, 0.03)
    flat_label(c, look, (330, 836, 670, 992), look.palette.paper)


def tube(c: Canvas, look: Look) -> None:
    """A crimped tube standing on its cap."""
    c.ground(CX, FLOOR, 104)
    body: Path = [
        (372, 470),
        (628, 470),
        *smooth([(628, 500), (604, 800), (590, 930)]),
        (410, 930),
        *smooth([(410, 930), (396, 800), (372, 500)]),
    ]
    c.shape(body, look.body, 0.24, 0.04)
    c.shape(box(368, 450, 632, 492, 3), darker(look.body, 0.16))
    for x in range(378, 630, 14):
        c.shape(box(x, 452, x + 4, 490), darker(look.body, 0.26))
    c.shape(turned(CX, [(926, 92), (926, 92), (1006, 96), (1006, 96)]), IVORY, 0.28)
    flat_label(c, look, (412, 570, 584, 850))


def balm(c: Canvas, look: Look) -> None:
    """Three lip balm sticks, one without its cap."""
    for x, y, top in ((370, 990, 690), (500, 1016, 700), (630, 990, 690)):
        c.ground(x, y, 52, 0.8)
        c.shape(
            turned(x, [(top, 50), (top, 50), (y, 50), (y, 50)]),
            look.body if x != 500 else look.palette.paper,
            0.28,
        )
        if x == 500:
            c.shape(
                [(466, 700), *smooth([(466, 640), (486, 612), (534, 620), (536, 650)]), (536, 700)],
                look.pale,
                0.26,
            )
            c.shape(rim(500, 700, 50), STEEL, holes=[rim(500, 699, 36)])
            lines_top = 760
            flat_label(c, look, (456, lines_top, 544, 960), look.palette.paper, frame=False)
        else:
            c.shape(rim(x, top, 50), lighter(look.body, 0.3))
            c.shape(
                turned(x, [(top + 90, 51), (top + 90, 51), (top + 96, 51), (top + 96, 51)]),
                darker(look.body, 0.3),
            )


def towels(c: Canvas, look: Look) -> None:
    """Three folded towels, the folds towards us."""
    c.ground(CX, FLOOR, 280)
    for i in range(3):
        y = 1008 - i * 96
        tone = lighter(look.body, 0.42) if i == 1 else look.body
        left, right = 228 + i * 8, 772 - i * 8
        for half in (0, 1):
            top = y - 94 + half * 46
            c.shape(
                box(left + half * 5, top, right - half * 3, top + 48, 20), darker(tone, 0.05 * half), 0.03
            )
            c.shape(box(left + 18, top + 38, right - 12, top + 41), darker(tone, 0.16), alpha=0.6)
        c.shape(box(left + 60, y - 94, left + 78, y - 2), lighter(tone, 0.5), alpha=0.7)
        c.shape(box(left + 90, y - 94, left + 96, y - 2), lighter(tone, 0.5), alpha=0.7)
    top_cloth: Path = [(262, 724), (306, 690), (704, 690), (742, 724)]
    c.shape(top_cloth, lighter(look.body, 0.22))
    c.shape([(560, 690), (660, 690), (668, 724), (560, 724)], look.palette.paper)
    belly_band(c, look, (556, 722, 672, 1008))


def mat(c: Canvas, look: Look) -> None:
    """A rolled mat standing with its edge loose."""
    c.ground(CX, FLOOR, 190)
    body = box(320, 560, 680, 1008, 16)
    c.shape(shift(box(600, 560, 740, 1012, 12), 0, 2), darker(look.body, 0.2))
    c.shape(body, look.body, 0.24)
    c.pattern(body, [box(300, y, 700, y + 7) for y in range(580, 1008, 26)], darker(look.body, 0.12), 0.5)
    c.shape(rim(500, 562, 180), lighter(look.body, 0.25))
    for r in (142, 104, 66, 30):
        c.shape(rim(500, 562, r), darker(look.body, 0.25), holes=[rim(500, 562, r - 8)])
    c.shape(box(318, 740, 682, 900), look.palette.paper, 0.1)
    belly_band(c, look, (340, 740, 640, 900))


def basket(c: Canvas, look: Look) -> None:
    """A woven basket with a towel looking out."""
    c.ground(CX, FLOOR, 220)
    c.shape(
        smooth([(340, 760), (360, 640), (470, 600), (600, 640), (660, 760)], closed=True),
        look.palette.paper,
        0.2,
    )
    body = turned(CX, [(730, 238), (730, 238), (880, 236), (1006, 204), (1006, 204)], 0.2)
    tone = mix(JUTE, look.body, 0.22 if look.variant else 0.06)
    c.shape(rim(CX, 730, 238, 0.2), darker(tone, 0.4))
    c.shape(
        smooth(
            [(350, 730), (380, 650), (480, 622), (590, 650), (650, 736), (560, 770), (420, 768)], closed=True
        ),
        lighter(look.palette.main, 0.5),
    )
    front = [p for p in body if p[1] >= 730]
    c.shape(front, tone, 0.22)
    rows = []
    for row, y in enumerate(range(748, 1060, 26)):
        rows += [
            oval(x + 16 * (row % 2), y + 44 - ((x - 500) / 240) ** 2 * 44, 13, 8) for x in range(250, 770, 32)
        ]
    c.pattern(front, rows, darker(tone, 0.2), 0.75)
    ring = oval(CX, 730, 238, 48, 0, 180)
    c.shape(ring + shift(ring, 0, 26)[::-1], darker(tone, 0.12), 0.2)
    for side in (-1, 1):
        c.line(
            [(CX + side * 226, 760), (CX + side * 268, 790), (CX + side * 230, 850)], 20, darker(tone, 0.25)
        )
    tag(c, look, (CX + 20, 800), -5, 1.1, look.palette.paper)


KINDS = {
    "soap_bar": Kind(soap_bar),
    "soap_stack": Kind(soap_stack),
    "round_soap": Kind(round_soap, props=False),
    "soap_dish": Kind(soap_dish, zoom=1.15),
    "bath_bombs": Kind(bath_bombs),
    "tube": Kind(tube),
    "balm": Kind(balm),
    "towels": Kind(towels),
    "mat": Kind(mat),
    "basket": Kind(basket, zoom=1.15),
}
