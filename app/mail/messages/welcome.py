"""After the address is confirmed: what comes next."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def welcome(frame: Frame, *, to: str, name: str) -> Message:
    link = frame.link("/account/business")
    return write(frame, "welcome", to=to, subject=f"Welcome to {frame.shop.name}", name=name, link=link)
