"""Colours: a palette per range, the materials everything is made of, and the colour of each variant."""

import hashlib
from dataclasses import dataclass

Rgb = tuple[int, int, int]


def rgb(code: str) -> Rgb:
    """`"#1f5f4a"` as three numbers."""
    value = code.lstrip("#")
    return int(value[0:2], 16), int(value[2:4], 16), int(value[4:6], 16)


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """`a` with `share` (0..1) of `b` in it."""
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


INK = rgb("#2a2f2c")
WHITE = rgb("#ffffff")


def darker(colour: Rgb, share: float = 0.14) -> Rgb:
    """Towards a warm dark, never towards grey: shadows in the pictures keep their hue."""
    return mix(colour, (38, 28, 34), share)


def lighter(colour: Rgb, share: float = 0.2) -> Rgb:
    return mix(colour, (255, 252, 244), share)


def is_dark(colour: Rgb) -> bool:
    """Whether pale lettering reads better on it than ink."""
    return colour[0] * 0.299 + colour[1] * 0.587 + colour[2] * 0.114 < 135


PAPER = rgb("#f7f2e6")
KRAFT = rgb("#c9a87c")
IVORY = rgb("#f1e8d6")
WOOD = rgb("#c8955f")
PALE_WOOD = rgb("#e0bd8c")
DARK_WOOD = rgb("#8a5a3a")
STEEL = rgb("#b9bfc0")
IRON = rgb("#43474a")
BRASS = rgb("#c9a14e")
GLASS = rgb("#dfe9e6")
AMBER = rgb("#9a5a22")
JUTE = rgb("#cdb084")
FLAX = rgb("#ddd0b6")
LEAF = rgb("#6f8a68")
PINE = rgb("#2f5a48")
CLAY = rgb("#c4714c")


@dataclass(frozen=True)
class Palette:
    """What a range looks like: the wall and table behind it, its own colour, a second one, its label paper."""

    wall: Rgb
    table: Rgb
    main: Rgb
    second: Rgb
    paper: Rgb = PAPER
    ink: Rgb = INK


def _palette(wall: str, table: str, main: str, second: str, paper: str = "#f7f2e6") -> Palette:
    return Palette(rgb(wall), rgb(table), rgb(main), rgb(second), rgb(paper))


PALETTES: dict[str, Palette] = {
    "hearth": _palette("#e9dccb", "#d6c1a6", "#b5573a", "#5b4636"),
    "monhegan": _palette("#c9d5d9", "#aebdc3", "#33506b", "#d9c7a3"),
    "ropewalk": _palette("#dccab0", "#c7b08f", "#5c7a86", "#b98b52"),
    "larder": _palette("#f2e3c4", "#e2c999", "#8c3b3f", "#c98a2c"),
    "casco": _palette("#d9e5e3", "#bdd0ce", "#3f7480", "#e3b7a0", "#fbf8f0"),
    "oatfield": _palette("#efe2d8", "#dfcabb", "#b98a78", "#7f8f7d", "#fbf6ee"),
    "driftwood": _palette("#d6d6cd", "#bab9ad", "#7d8a80", "#b79a74"),
    "saltmarsh": _palette("#e5e4d3", "#cdccb4", "#7b8a5e", "#caa472"),
    "lamplight": _palette("#eadcd0", "#d2bba9", "#a6483c", "#d8a650"),
    "spruce": _palette("#d6e0d7", "#b9c9bc", "#2f5a48", "#b7793f"),
    "kittery": _palette("#efdccd", "#dfc0a8", "#c4714c", "#6e8b6a"),
    "fernald": _palette("#e0e6d3", "#c8d2b3", "#4c7048", "#d39a3d"),
}

# The colour of what is in the jar or on the cloth, by the option's own word.
VARIANT_COLOURS: dict[str, Rgb] = {
    name: rgb(code)
    for name, code in {
        "amber": "#b8762f", "balsam": "#3f6b4f", "barn red": "#9c3b31", "bay laurel": "#7c9468", "bayberry": "#8ba07c",
        "birch": "#e6dfd0", "black": "#3a3c3d", "blue": "#4d7590", "blueberry": "#4a4f82", "blush": "#e0b3a3",
        "brass": "#c9a14e", "breakfast": "#8f4a36", "brick": "#a95a42", "cedar": "#a8714d", "celadon": "#a9c2ae", "chamomile": "#e3c563", "charcoal": "#4c5052",
        "cinnamon": "#a45a35", "citrus": "#e6a23c", "clay": "#c88c6f", "clear": "#e2eceb", "cloud": "#e9e9e4",
        "cranberry": "#9e3544", "cream": "#f0e5cf", "cucumber": "#7da05e", "dark roast": "#4b342b", "decaf": "#8a9a6b", "denim": "#4a6480",
        "driftwood": "#b7a68f", "dune": "#dcc8a2", "eucalyptus": "#8fb0a0", "fig": "#75516a", "flax": "#d8c8a8",
        "fog": "#c3cbcd", "forest": "#3c5c48", "geranium": "#cf6a6f", "ginger": "#d49a4c", "grapefruit": "#e79479",
        "graphite": "#55595c", "gray": "#9aa0a0", "honey": "#dba13f", "indigo": "#3c4a78", "ivory": "#f1e8d6",
        "juniper": "#6c8798", "lavender": "#a592bd", "lemon": "#ecd067", "linen": "#dfe3e2", "marsh": "#9aa67c", "marigold": "#e2a035", "maple": "#b9743a",
        "medium roast": "#7a5038", "mint": "#9cc5ad", "moss": "#7f8c53", "mustard": "#cf9d38", "natural": "#e0cda9",
        "navy": "#2f4562", "neroli": "#efc79a", "oat": "#e0cfb0", "oat milk": "#e9dcc4", "ochre": "#cb9440",
        "olive": "#7d8150", "orange": "#dd8a3e", "pear": "#c6c77a", "peppermint": "#a7cfbd", "pine": "#2f5a48",
        "plain": "#d3a94a", "plum": "#6e4661", "poppy": "#cf4f3c", "raspberry": "#b5395a", "red": "#b1433a", "rose": "#d3929a",
        "rosemary": "#77916f", "rust": "#b2603a", "sage": "#a3b18f", "sand": "#dccba8", "sea": "#7fb0ac",
        "sea glass": "#9cc7bb", "sea salt": "#c3d6da", "sky": "#a9c4d2", "slate": "#66737b", "smoke": "#8d9294",
        "spearmint": "#8bbd9a", "spruce": "#3a6152", "squash": "#dd9a3c", "steel": "#b9bfc0", "stone": "#bdb7aa", "strawberry": "#c8434a",
        "sweet pea": "#d79bb5", "tea rose": "#dba3a1", "terracotta": "#c4714c", "tide": "#5c8a94", "tomato": "#c8452f",
        "unscented": "#ece6da", "vanilla": "#ead9af", "vetiver": "#8b8f63", "walnut": "#76503a", "white": "#f4f1ea",
        "wild mint": "#7fae8d", "woodsmoke": "#6f6a66", "zinc": "#a9b2b5",
    }.items()
}  # fmt: skip


def find_variant_colour(variant: str | None) -> Rgb | None:
    """The colour an option's word names, None when it names none (a size, say)."""
    return VARIANT_COLOURS.get(variant.strip().lower()) if variant else None


def body_colour(palette: Palette, variant: str | None, label: str, seed: str) -> Rgb:
    """The variant's own colour; else one the name carries (honey, lavender); else the range's.

    The range's colour is moved a little by the seed, so that neighbours in a listing differ.
    """
    named = find_variant_colour(variant) or next(filter(None, map(find_variant_colour, label.split())), None)
    if named:
        return named
    draw = hashlib.sha256(seed.encode()).digest()[0] / 255
    return mix(palette.main, palette.second, 0.30 * draw)
