"""The room around the product: wall, table, light, and a quiet thing or two behind it."""

from random import Random

from .canvas import HEIGHT, WIDTH, Canvas
from .colour import IVORY, LEAF, Palette, Rgb, darker, lighter, mix
from .geometry import Path, box, leaf, oval, pebble, rim, turned, wrap

HORIZON = 812.0


def table_scene(c: Canvas, palette: Palette, rng: Random, props: bool) -> None:
    """Wall and table top with one of five backdrops, and a prop at one side when there is room."""
    _backdrop(c, palette, rng)
    c.shape(box(-10, HORIZON, WIDTH + 10, HEIGHT + 10), palette.table)
    c.shape(box(-10, HORIZON, WIDTH + 10, HORIZON + 5), lighter(palette.table, 0.35))
    if props:
        side = rng.choice((-1, 1))
        rng.choice((_sprig_vase, _stones, _cloth, _bowl, _branch, _nothing))(c, palette, rng, side)


def wall_scene(c: Canvas, palette: Palette, rng: Random, props: bool) -> None:
    """A boarded wall with window light, for what hangs."""
    for x in range(125, WIDTH, 250):
        c.shape(box(x, -10, x + 3, HEIGHT + 10), darker(palette.wall, 0.06))
    _window_light(c, palette, rng)


def flat_scene(c: Canvas, palette: Palette, rng: Random, props: bool) -> None:
    """A table seen from above, sometimes with a cloth laid across a corner or a few leaves."""
    ground = mix(palette.table, palette.wall, 0.45)
    c.shape(box(-10, -10, WIDTH + 10, HEIGHT + 10), ground)
    if not props:
        return
    if rng.random() < 0.5:
        cloth: Path = (
            [(-20, 760), (330, 1270), (-20, 1270)]
            if rng.random() < 0.5
            else [(1020, 330), (660, -20), (1020, -20)]
        )
        c.cast(cloth, 0.16, 6, 9, 8)
        c.shape(cloth, lighter(palette.wall, 0.5))
    else:
        x, y, turn_by = rng.choice(((60, 1215, -28), (945, 60, 128)))
        _twig(c, x, y, turn_by, rng)


BACKGROUNDS = {"table": table_scene, "wall": wall_scene, "flat": flat_scene}


def _nothing(c: Canvas, palette: Palette, rng: Random, side: int) -> None:
    """Room to breathe is a composition too."""


def _backdrop(c: Canvas, palette: Palette, rng: Random) -> None:
    tone = mix(palette.wall, palette.table, 0.42)
    pale = lighter(palette.wall, 0.45)
    choice = rng.randrange(5)
    if choice == 0:
        c.shape([*oval(500, 470, 330, 330, 180, 360), (830, HORIZON), (170, HORIZON)], pale)
    elif choice == 1:
        c.shape(oval(500 + rng.choice((-90, 90)), 500, 300), pale)
    elif choice == 2:
        x = rng.choice((0, 620))
        c.shape(box(x - 10, -10, x + 390, HORIZON), tone)
    elif choice == 3:
        c.shape(box(130, 120, 870, HORIZON + 20, 8), pale)
    else:
        _window_light(c, palette, rng)


def _window_light(c: Canvas, palette: Palette, rng: Random) -> None:
    """Two slanted panes of light."""
    pale = lighter(palette.wall, 0.6)
    x = rng.choice((80, 330, 560))
    for dx in (0, 190):
        pane: Path = [(x + dx, 90), (x + dx + 160, 60), (x + dx + 330, 640), (x + dx + 160, 690)]
        c.shape(pane, pale, alpha=0.55)


def _side(side: int, distance: float = 285) -> float:
    return 500 + side * distance


def _twig(
    c: Canvas, x: float, y: float, degrees: float, rng: Random, size: float = 1.0, tone: Rgb = LEAF
) -> None:
    """A sprig of paired leaves growing from a point."""
    stem = leaf(x, y, 300 * size, 5 * size, degrees)
    c.shape(stem, darker(tone, 0.25))
    tip = stem[len(stem) // 3]
    ux, uy = (tip[0] - x), (tip[1] - y)
    length = (ux * ux + uy * uy) ** 0.5 or 1
    ux, uy = ux / length, uy / length
    for i in range(7):
        at = (70 + i * 34) * size
        px, py = x + ux * at, y + uy * at
        reach = (88 - i * 7) * size
        for sign in (-1, 1):
            bend = degrees + sign * (48 - i * 3 + rng.uniform(-6, 6))
            shade = tone if sign < 0 else darker(tone, 0.12)
            c.shape(leaf(px, py, reach, 34 * size - i * 2, bend), shade)


def _sprig_vase(c: Canvas, palette: Palette, rng: Random, side: int) -> None:
    x = _side(side, 300)
    tone = mix(LEAF, palette.wall, 0.28)
    for bend in (-118 + side * 8, -80 + side * 10, -97):
        _twig(c, x, 760, bend, rng, 0.95, mix(tone, palette.main, 0.12))
    body = turned(x, [(742, 26), (742, 26), (775, 24), (830, 66), (890, 70), (930, 48), (930, 48)])
    c.ground(x, 930, 62, 0.8)
    c.shape(body, lighter(palette.second, 0.45), 0.3)
    c.shape(rim(x, 742, 26), darker(palette.second, 0.2))


def _branch(c: Canvas, palette: Palette, rng: Random, side: int) -> None:
    """Leaves reaching in from the edge, out of focus in tone."""
    tone = mix(LEAF, palette.wall, 0.5)
    x = 1010 if side > 0 else -10
    base = 180 if side > 0 else 0
    _twig(c, x, 330, base - side * 20, rng, 1.1, tone)
    _twig(c, x, 190, base + side * -42, rng, 0.95, tone)


def _stones(c: Canvas, palette: Palette, rng: Random, side: int) -> None:
    x = _side(side, 290)
    sizes = ((96, 34, 938), (70, 27, 884), (44, 20, 842))
    c.ground(x, 962, 84, 0.8)
    for i, (rx, ry, y) in enumerate(sizes):
        tone = mix((176, 170, 160), palette.table, 0.25 + 0.15 * i)
        c.shape(pebble(x + rng.uniform(-6, 6), y, rx, ry, rng, 0.04), tone, 0.26)


def _cloth(c: Canvas, palette: Palette, rng: Random, side: int) -> None:
    """A folded cloth lying at one side, two stripes near its edge."""
    x = _side(side, 300)
    tone = lighter(palette.second, 0.62)
    c.ground(x, 965, 150, 0.7)
    for i in range(4):
        y = 962 - i * 17
        c.shape(box(x - 160 + i * 3, y - 19, x + 160 - i * 5, y, 9), darker(tone, 0.05 * (3 - i)), 0.05)
    top: Path = [(x - 150, 894), (x - 118, 868), (x + 128, 868), (x + 146, 894)]
    c.shape(top, lighter(tone, 0.3))


def _bowl(c: Canvas, palette: Palette, rng: Random, side: int) -> None:
    """A low bowl of fruit or stones."""
    x = _side(side, 300)
    glaze = lighter(mix(palette.main, IVORY, 0.55), 0.15)
    c.ground(x, 940, 66, 0.8)
    c.shape(rim(x, 858, 122), darker(glaze, 0.28))
    for dx, dy in ((-48, -8), (44, -10), (-2, -26)):
        c.shape(pebble(x + dx, 850 + dy, 44, 42, rng, 0.03), mix(palette.second, palette.wall, 0.2), 0.25)
    bowl = wrap(x, 858, 858, 122, 122, 0.17)[:25]
    c.shape([*bowl, (x + 92, 912), *oval(x, 930, 56, 10, 0, 180), (x - 92, 912)], glaze, 0.22)
