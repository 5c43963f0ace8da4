"""The square picture that an authenticator app reads from the screen."""

from __future__ import annotations

import segno


def draw_square(text: str) -> str:
    """A data: address of an SVG, dark on white whatever the theme, with the quiet border of four modules that ISO/IEC
    18004 asks for. The secret in it goes no further than the page."""
    address: str = segno.make(text, error="m", micro=False).svg_data_uri(
        scale=4, border=4, dark="#1d2320", light="#ffffff", xmldecl=False, svgns=True
    )
    return address
