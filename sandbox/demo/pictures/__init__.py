"""Drawn pictures for the demo shop: flat still-lifes, one kind of thing each, in the colours of its range."""

from random import Random

from PIL import Image

from . import (
    kinds_bath,
    kinds_brushes,
    kinds_candles,
    kinds_garden,
    kinds_jars,
    kinds_linen,
    kinds_scent,
    kinds_table,
    kinds_tools,
    kinds_wood,
)
from .canvas import FLOOR, MIDDLE, Canvas
from .colour import PALETTES, body_colour
from .look import Kind, Look
from .scene import BACKGROUNDS

KINDS: dict[str, Kind] = {
    **kinds_table.KINDS,
    **kinds_wood.KINDS,
    **kinds_linen.KINDS,
    **kinds_jars.KINDS,
    **kinds_bath.KINDS,
    **kinds_brushes.KINDS,
    **kinds_candles.KINDS,
    **kinds_scent.KINDS,
    **kinds_garden.KINDS,
    **kinds_tools.KINDS,
}

# A size option changes how large the thing stands on the table.
SIZES = {"small": 0.80, "medium": 0.90, "large": 1.04, "extra large": 1.10}


def draw_product(
    kind: str, palette: str, label: str, seed: str, variant: str | None = None, *, width: int = 1200
) -> Image.Image:
    """Draw one product, `width` pixels wide and a quarter higher, RGB.

    `kind` is a key of KINDS and `palette` of PALETTES (KeyError otherwise); `label` is printed on the product;
    `variant` (a scent, colour or size) changes colour, label or size. The same arguments give the same pixels,
    and all variants of one seed stand in the same room.
    """
    chosen, colours = KINDS[kind], PALETTES[palette]
    look = Look(colours, body_colour(colours, variant, label, seed), label, variant, Random(f"{seed}/thing"))
    c = Canvas()
    BACKGROUNDS[chosen.stage](c, colours, Random(f"{seed}/room"), chosen.props)
    start = len(c.marks)
    chosen.draw(c, look)
    zoom = SIZES.get((variant or "").lower(), 1.0) * (chosen.zoom if chosen.stage == "table" else 1.0)
    c.resize(start, zoom, (MIDDLE, FLOOR + 20))
    return c.paint(colours.wall, width)
