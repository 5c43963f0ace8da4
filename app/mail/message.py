"""A mail as a value, and the one way its two texts are made from templates."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.shop.card import ShopCard
from app.template_filters import count, day, money, phone, when

_TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@dataclass(frozen=True)
class Message:
    """Ready to send: to one address, as text and as HTML. `reply_to` is where a press on "answer" goes."""

    subject: str
    to: str
    text: str
    html: str
    reply_to: str = ""


@dataclass(frozen=True)
class Frame:
    """What every mail needs: facts about the shop, and the address of its front page that all links begin with."""

    shop: ShopCard
    site_url: str = field(default="")

    def link(self, path: str) -> str:
        """An absolute address in the shop; `path` begins with a slash."""
        return f"{self.site_url}{path}"


def write(
    frame: Frame, template: str, /, *, to: str, subject: str, reply_to: str = "", **needs: Any
) -> Message:
    """Render `mail/<template>.txt` and `.html`. Pure: the same values give the same mail.

    Answers go to the shop's own address, which people read, unless another is given.
    """
    values = {"shop": frame.shop, "shop_url": frame.site_url, "subject": subject, **needs}
    text = _texts.get_template(f"mail/{template}.txt").render(values)
    html = _pages.get_template(f"mail/{template}.html").render(values)
    return Message(
        subject=_one_line(subject),
        to=_one_line(to),
        text=text,
        html=html,
        reply_to=_one_line(reply_to or frame.shop.email),
    )


def _one_line(text: str) -> str:
    # A line break in a header would begin another header.
    return " ".join(text.split())


def _environment(*, escape: bool) -> Environment:
    made = Environment(  # nosec B701 # not escaped are the plain texts alone
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        autoescape=escape,  # noqa: S701 - off for the plain texts alone, where it would print &amp;
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(money=money, when=when, day=day, count=count, phone=phone)
    return made


_pages = _environment(escape=True)
_texts = _environment(escape=False)
