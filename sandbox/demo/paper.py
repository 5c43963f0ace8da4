"""A resale certificate to look at: one drawn Letter page as PDF bytes, plainly marked as made up."""

from dataclasses import dataclass
from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw

from sandbox.demo.pictures.colour import INK, rgb
from sandbox.demo.pictures.lettering import fit, font

PAGE = (1275, 1650)  # Letter at 150 dots an inch
LEFT, RIGHT = 120, 1155
LINE = rgb("#8d938f")
STAMP = rgb("#a5281b")


@dataclass(frozen=True)
class Certificate:
    """What the form says; `expires_on` is empty where the state's paper has no end."""

    state_name: str
    number: str
    legal_name: str
    trade_name: str
    address: str
    ein: str
    kind: str
    issued_on: date
    expires_on: date | None
    signed_by: str


def draw_certificate(facts: Certificate, *, is_cut_off: bool = False) -> bytes:
    """The filled form as a one-page PDF; cut off is a scan that lost its lower half."""
    page = Image.new("RGB", PAGE, "white")
    pen = ImageDraw.Draw(page)
    _heading(pen, facts)
    bottom = _fields(pen, facts)
    _declaration(pen, facts, bottom + 40)
    _signature(pen, facts)
    _stamp(page)
    if is_cut_off:
        page.paste(rgb("#55595c"), (0, 760, *PAGE))
    output = BytesIO()
    page.save(output, "PDF", resolution=150, title=f"Resale certificate {facts.number}")
    return output.getvalue()


def _heading(pen: ImageDraw.ImageDraw, facts: Certificate) -> None:
    pen.rectangle((60, 60, PAGE[0] - 60, PAGE[1] - 60), outline=INK, width=3)
    pen.text((LEFT, 120), f"STATE OF {facts.state_name.upper()}", font=font("sans", 26), fill=INK)
    pen.text((LEFT, 160), "Revenue Services, Sales and Use Tax", font=font("sans", 22), fill=LINE)
    pen.text((LEFT, 230), "Resale Certificate", font=font("serif", 96), fill=INK)
    pen.text((RIGHT, 150), "No.", font=font("sans", 22), fill=LINE, anchor="ra")
    pen.text((RIGHT, 180), facts.number, font=font("serif", 48), fill=INK, anchor="ra")
    pen.line((LEFT, 360, RIGHT, 360), fill=INK, width=3)


def _fields(pen: ImageDraw.ImageDraw, facts: Certificate) -> int:
    rows = (
        ("Legal name of purchaser", facts.legal_name),
        ("Doing business as", facts.trade_name),
        ("Business address", facts.address),
        ("Federal employer identification number", facts.ein),
        ("Nature of business", facts.kind),
        ("Date of issue", f"{facts.issued_on:%B} {facts.issued_on.day}, {facts.issued_on.year}"),
        ("Valid through", _end(facts.expires_on)),
    )
    y = 400
    for name, value in rows:
        pen.text((LEFT, y), name, font=font("sans", 20), fill=LINE)
        _, size = fit(value, "serif", RIGHT - LEFT, 44, 40)
        pen.text((LEFT, y + 28), value, font=font("serif", round(size)), fill=INK)
        pen.line((LEFT, y + 82, RIGHT, y + 82), fill=LINE, width=1)
        y += 104
    return y


def _end(day: date | None) -> str:
    return (
        f"{day:%B} {day.day}, {day.year}" if day else "No expiration; valid while the registration is active"
    )


def _declaration(pen: ImageDraw.ImageDraw, facts: Certificate, y: int) -> None:
    sentences = (
        "The purchaser named above certifies that the goods bought under this certificate",
        "are bought for resale in the regular course of business, and will pay the tax on",
        "whatever is used or consumed instead.",
    )
    for i, sentence in enumerate(sentences):
        pen.text((LEFT, y + i * 36), sentence, font=font("sans", 24), fill=INK)


def _signature(pen: ImageDraw.ImageDraw, facts: Certificate) -> None:
    y = PAGE[1] - 190
    pen.text((LEFT + 20, y - 74), facts.signed_by, font=font("italic", 64), fill=rgb("#2f4562"))
    pen.line((LEFT, y, LEFT + 560, y), fill=INK, width=2)
    pen.text((LEFT, y + 10), "Signature of owner or officer", font=font("sans", 20), fill=LINE)
    day = f"{facts.issued_on:%m/%d/%Y}"
    pen.text((RIGHT - 300, y - 52), day, font=font("italic", 44), fill=rgb("#2f4562"))
    pen.line((RIGHT - 320, y, RIGHT, y), fill=INK, width=2)
    pen.text((RIGHT - 320, y + 10), "Date", font=font("sans", 20), fill=LINE)


def _stamp(page: Image.Image) -> None:
    """So that nobody ever takes the paper for a real one."""
    stamp = Image.new("L", (470, 130), 0)
    pen = ImageDraw.Draw(stamp)
    pen.rounded_rectangle((4, 4, 465, 125), 14, outline=255, width=5)
    pen.text((235, 65), "DEMO SPECIMEN", font=font("sans", 48), fill=255, anchor="mm")
    turned = stamp.rotate(9, Image.Resampling.BICUBIC, expand=True).point(
        [round(i * 0.75) for i in range(256)]
    )
    page.paste(STAMP, (650, 1262), turned)
