"""The drawn pictures: every kind draws, the same way each time, and a variant is seen to be another."""

from datetime import date

import pytest
from PIL import Image, ImageChops, ImageStat

from sandbox.demo.paper import Certificate, draw_certificate
from sandbox.demo.pictures import KINDS, draw_product
from sandbox.demo.pictures.colour import PALETTES, body_colour
from sandbox.demo.pictures.lettering import fit, width_of


def _differs(one: Image.Image, other: Image.Image) -> bool:
    return ImageChops.difference(one, other).getbbox() is not None


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_draws_something_on_its_ground(kind: str) -> None:
    # A third of what the shop shows: there are ninety kinds, and pixels are what takes the time.
    picture = draw_product(kind, "casco", "Tide Bar", f"test-{kind}", "Lavender", width=420)
    assert (picture.size, picture.mode) == ((420, 525), "RGB")
    middle = picture.crop((105, 122, 315, 473))
    assert max(ImageStat.Stat(middle).stddev) > 12


def test_the_same_words_give_the_same_pixels() -> None:
    one, other = (draw_product("mug", "monhegan", "Harbor Mug", "harbor-mug", "Fog") for _ in range(2))
    assert (one.size, one.mode) == ((1200, 1500), "RGB")
    assert not _differs(one, other)


def test_a_variant_has_its_own_color_in_the_same_room() -> None:
    fog = draw_product("mug", "monhegan", "Harbor Mug", "harbor-mug", "Fog")
    navy = draw_product("mug", "monhegan", "Harbor Mug", "harbor-mug", "Navy")
    assert _differs(fog, navy)
    corner = (0, 0, 200, 200)
    assert not _differs(fog.crop(corner), navy.crop(corner))


def test_a_large_one_takes_more_room_than_a_small_one() -> None:
    small = draw_product("basket", "driftwood", "Basket", "basket", "Small")
    large = draw_product("basket", "driftwood", "Basket", "basket", "Large")
    assert _differs(small, large)


def test_a_name_that_carries_a_color_colors_the_thing() -> None:
    palette = PALETTES["larder"]
    assert body_colour(palette, "8 oz", "Wildflower Honey", "x") == body_colour(palette, "Honey", "", "x")


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        draw_product("spaceship", "casco", "Tide Bar", "x")


@pytest.mark.parametrize(
    ("text", "width", "height"), [("Linen Napkins", 100, 60), ("A", 10, 10), ("Hearth Smoke Candle", 40, 90)]
)
def test_a_label_fits_its_box(text: str, width: float, height: float) -> None:
    lines, size = fit(text, "serif", width, height, 62)
    assert " ".join(lines) == text
    assert max(width_of(line, "serif") for line in lines) * size <= width * 1.001
    assert len(lines) * size <= height


def test_a_certificate_is_a_pdf_of_one_page() -> None:
    facts = Certificate(
        "Maine",
        "ME-1",
        "Birch LLC",
        "Birch",
        "1 Bay St",
        "01-0000001",
        "Shop",
        date(2026, 3, 9),
        None,
        "N. W.",
    )
    paper = draw_certificate(facts)
    assert paper.startswith(b"%PDF-")
    assert b"/Count 1" in paper
    assert b"%%EOF" in paper[-16:]
