"""Tells the owner of an account that its password was changed, in case it was somebody else."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def password_changed(frame: Frame, *, to: str, name: str) -> Message:
    return write(
        frame,
        "password_changed",
        to=to,
        subject=f"Your password for {frame.shop.name} was changed",
        name=name,
        link=frame.link("/password/forgot"),
    )
