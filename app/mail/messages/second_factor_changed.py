"""Tells the owner of an account that its second factor was turned on or off, in case it was somebody else."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def second_factor_changed(frame: Frame, *, to: str, name: str, is_on: bool) -> Message:
    return write(
        frame,
        "second_factor_changed",
        to=to,
        subject=f"Your second factor for {frame.shop.name} was turned {'on' if is_on else 'off'}",
        name=name,
        is_on=is_on,
        link=frame.link("/password/forgot"),
    )
