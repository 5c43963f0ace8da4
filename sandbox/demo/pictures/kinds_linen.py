"""Cloth: towels, aprons, mitts, bags."""

from .canvas import FLOOR, MIDDLE, Canvas
from .colour import BRASS, DARK_WOOD, FLAX, IVORY, PINE, Rgb, darker, is_dark, lighter, mix
from .geometry import Path, box, oval, smooth, stroke
from .lettering import fit
from .look import Kind, Look, belly_band, flat_label, tag

CX = MIDDLE


def _peg(c: Canvas, x: float, y: float) -> None:
    c.cast(oval(x, y, 22), 0.3, 9, 12, 6)
    c.shape(oval(x, y, 22), DARK_WOOD, 0.3)
    c.shape(oval(x - 4, y - 4, 12), lighter(DARK_WOOD, 0.15))


def _cloth(look: Look) -> tuple[Rgb, Rgb]:
    """Ground and stripe: flax with coloured stripes, or the colour with pale ones when it is light anyway."""
    return lighter(FLAX, 0.35), look.body


def tea_towel(c: Canvas, look: Look) -> None:
    """A towel hanging from a peg by its loop."""
    ground, stripe = _cloth(look)
    c.line([(CX, 190), (CX - 14, 250), (CX + 14, 250), (CX, 190)], 7, darker(ground, 0.3))
    left = [(470, 236), (372, 330), (330, 560), (306, 980)]
    right = [(530, 236), (640, 330), (676, 560), (700, 980)]
    hem = [(700, 980), (640, 996), (566, 974), (480, 1000), (400, 978), (306, 980)]
    body: Path = [*smooth(right), *smooth(hem), *smooth(left[::-1])]
    c.cast(body, 0.28, 22, 26, 18)
    c.shape(body, ground, 0.1)
    for dx in (-120, -78, 84, 128):
        c.pattern(body, [stroke([(CX + dx * 0.2, 230), (CX + dx, 520), (CX + dx * 1.2, 1010)], 9)], stripe)
    bands = [
        stroke([(280, y), (420, y + 12), (560, y - 4), (720, y + 8)], w)
        for y, w in ((840, 46), (895, 12), (922, 12))
    ]
    c.pattern(body, bands, stripe, 0.92)
    folds = [
        stroke([(CX - 8, 240), (430, 520), (416, 1000)], 16, 34),
        stroke([(CX + 16, 240), (596, 560), (602, 1000)], 12, 26),
    ]
    c.pattern(body, folds, darker(ground, 0.4), 0.12)
    _peg(c, CX, 188)
    tag(c, look, (588, 560), -6, 1.1)


def apron(c: Canvas, look: Look) -> None:
    """An apron on a peg, with crossed straps and a pocket."""
    tone = look.body
    for side in (-1, 1):
        c.line([(CX, 170), (CX + side * 70, 260), (CX + side * 96, 400)], 24, darker(tone, 0.16))
    right = [(600, 396), (610, 520), (700, 600), (722, 800), (716, 1050)]
    body: Path = [
        (400, 396),
        (500, 410),
        (600, 396),
        *smooth(right),
        *smooth([(716, 1050), (600, 1066), (480, 1050), (380, 1068), (284, 1050)]),
        *smooth([(284, 1050), (278, 800), (300, 600), (390, 520), (400, 396)]),
    ]
    c.cast(body, 0.28, 24, 28, 20)
    c.shape(body, tone, 0.1)
    folds = [
        stroke([(430, 640), (400, 860), (410, 1060)], 12, 34),
        stroke([(590, 660), (626, 860), (616, 1060)], 12, 30),
    ]
    c.pattern(body, folds, darker(tone, 0.5), 0.16)
    pocket = box(370, 690, 630, 890, 16)
    c.shape(pocket, darker(tone, 0.08))
    seam = lighter(tone, 0.3) if is_dark(tone) else darker(tone, 0.25)
    for x in range(378, 626, 16):
        c.shape(box(x, 706, x + 8, 709), seam)
    c.shape(box(498, 700, 502, 888), seam, alpha=0.6)
    for x in (412, 588):
        c.shape(oval(x, 420, 9), BRASS, 0.3)
    flat_label(c, look, (440, 470, 560, 560), look.palette.paper, frame=False)
    _peg(c, CX, 166)


def mitt(c: Canvas, look: Look) -> None:
    """A quilted mitt hanging from its loop."""
    outline = [
        (380, 980),
        (380, 980),
        (360, 700),
        (350, 480),
        (420, 310),
        (540, 300),
        (612, 400),
        (620, 560),
        (690, 500),
        (748, 540),
        (720, 660),
        (640, 780),
        (634, 980),
        (634, 980),
    ]
    body = smooth(outline, closed=True)
    c.line([(400, 1010), (360, 1090), (440, 1090), (410, 1010)], 9, darker(look.body, 0.3))
    c.cast(body, 0.3, 22, 26, 18)
    c.shape(body, look.body, 0.08)
    quilting = [stroke([(x, 250), (x + 400, 1050)], 5) for x in range(-40, 760, 64)]
    quilting += [stroke([(x + 400, 250), (x, 1050)], 5) for x in range(-40, 760, 64)]
    c.pattern(body, quilting, lighter(look.body, 0.35), 0.5)
    c.shape(box(366, 930, 648, 1016, 12), look.palette.paper, 0.06)
    lines, size = fit(look.label, "serif", 250, 70, 40)
    for i, line in enumerate(lines):
        c.text(line, (507, 972 + (i - (len(lines) - 1) / 2) * size), size, look.palette.ink)


def pot_holders(c: Canvas, look: Look) -> None:
    """A pair, one over the other."""
    for x, y, tone in ((570, 500, lighter(look.body, 0.4)), (430, 700, look.body)):
        square = box(x - 200, y - 200, x + 200, y + 200, 34)
        c.line(
            [(x - 150, y - 180), (x - 240, y - 260), (x - 190, y - 290), (x - 140, y - 190)],
            14,
            darker(tone, 0.25),
        )
        c.cast(square, 0.3, 18, 24, 16)
        c.shape(square, darker(tone, 0.2))
        inner = box(x - 184, y - 184, x + 184, y + 184, 24)
        c.shape(inner, tone)
        weave = [box(x - 184, y - 180 + d, x + 184, y - 166 + d) for d in range(0, 370, 42)]
        weave += [box(x - 180 + d, y - 184, x - 166 + d, y + 184) for d in range(0, 370, 42)]
        c.pattern(inner, weave, lighter(tone, 0.4), 0.5)
    flat_label(c, look, (340, 650, 560, 790), look.palette.paper)


def bag(c: Canvas, look: Look) -> None:
    """A drawstring bag standing full."""
    ground, stripe = _cloth(look)
    c.ground(CX, FLOOR, 190)
    ruffle = smooth(
        [
            (404, 560),
            (386, 470),
            (430, 440),
            (470, 470),
            (510, 430),
            (556, 470),
            (600, 446),
            (618, 480),
            (596, 560),
        ],
        closed=True,
    )
    c.shape(ruffle, darker(ground, 0.06), 0.14)
    body: Path = [
        (404, 556),
        (596, 556),
        *smooth([(596, 556), (690, 660), (712, 880), (680, 1010)]),
        *oval(500, 1006, 180, 16, 0, 180),
        *smooth([(320, 1010), (288, 880), (310, 660), (404, 556)]),
    ]
    c.shape(body, ground, 0.16)
    c.pattern(body, [box(250, y, 750, y + 14) for y in (930, 958)], stripe)
    c.line([(396, 560), (500, 576), (604, 560)], 13, stripe)
    for end in (660, 700):
        c.line([(590, 564), (640, 610), (end - 10, 690)], 8, stripe)
    flat_label(c, look, (382, 690, 618, 890))


def tote(c: Canvas, look: Look) -> None:
    """A market bag on a peg, leaves looking out."""
    ground, _ = _cloth(look)
    c.line([(390, 560), (420, 320), (500, 210), (580, 320), (610, 560)], 26, look.body)
    for dx, top in ((-90, 440), (-30, 390), (40, 420), (96, 460)):
        c.shape(
            smooth([(CX + dx, 600), (CX + dx - 44, 500), (CX + dx, top), (CX + dx + 44, 500)], closed=True),
            mix(PINE, FLAX, 0.3),
            0.2,
        )
    body: Path = [(272, 560), (728, 560), (700, 1040), (300, 1040)]
    c.cast(body, 0.28, 22, 26, 18)
    c.shape(body, ground, 0.06)
    c.shape([(272, 560), (728, 560), (724, 620), (276, 620)], look.body)
    c.pattern(body, [box(250, 960, 750, 1000)], look.body)
    lines, size = fit(look.label, "serif", 320, 190, 84)
    for i, line in enumerate(lines):
        c.text(line, (CX, 780 + (i - (len(lines) - 1) / 2) * size), size, darker(look.body, 0.3))
    c.text("PORTLAND, MAINE", (CX, 908), 15, darker(look.body, 0.3), "sans")
    _peg(c, CX, 200)


def runner(c: Canvas, look: Look) -> None:
    """A rolled runner, one end loose on the table."""
    ground, stripe = _cloth(look)
    c.ground(CX, FLOOR, 300)
    c.shape(box(330, 972, 830, 1008, 8), darker(ground, 0.08))
    c.shape(box(250, 772, 690, 1008, 60), darker(ground, 0.05), 0.06)
    c.pattern(box(250, 772, 690, 1008, 60), [box(230, y, 700, y + 12) for y in (810, 838, 950)], stripe)
    c.shape(oval(690, 890, 58, 118), ground, 0.1)
    for k in (0.76, 0.52, 0.28):
        ring = oval(690, 890, 58 * k, 118 * k)
        c.shape(ring, darker(ground, 0.2), holes=[oval(690, 890, 58 * k - 5, 118 * k - 7)])
    for x in range(760, 836, 9):
        c.shape(box(x + 60, 990, x + 64, 1020), stripe)
    belly_band(c, look, (380, 770, 570, 1010))


def gloves(c: Canvas, look: Look) -> None:
    """A pair of garden gloves tied by a card."""
    for flip, cx in ((1, 410), (-1, 590)):
        points = [
            (-90, 980),
            (-90, 980),
            (-96, 700),
            (-120, 560),
            (-110, 380),
            (-74, 372),
            (-62, 520),
            (-52, 330),
            (-12, 322),
            (-6, 512),
            (10, 340),
            (50, 344),
            (48, 528),
            (62, 400),
            (98, 410),
            (100, 600),
            (160, 540),
            (186, 580),
            (120, 720),
            (92, 800),
            (90, 980),
            (90, 980),
        ]
        hand = smooth([(cx + flip * -x, y) for x, y in points], closed=True)
        c.cast(hand, 0.28, 20, 24, 16)
        c.shape(hand, IVORY if flip < 0 else lighter(look.body, 0.5), 0.05)
        c.pattern(hand, [box(cx - 200, 300, cx + 200, 660)], look.body, 0.85)
        c.shape(box(cx - 98, 860, cx + 98, 1010, 14), darker(look.body, 0.15), 0.1)
    flat_label(c, look, (360, 700, 640, 850))


KINDS = {
    "tea_towel": Kind(tea_towel, "wall"),
    "apron": Kind(apron, "wall"),
    "mitt": Kind(mitt, "flat"),
    "pot_holders": Kind(pot_holders, "flat"),
    "bag": Kind(bag),
    "tote": Kind(tote, "wall"),
    "runner": Kind(runner, zoom=1.15),
    "gloves": Kind(gloves, "flat"),
}
