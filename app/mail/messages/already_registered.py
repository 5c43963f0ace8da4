"""Somebody registered with an address that has an account: only its owner is told."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def already_registered(frame: Frame, *, to: str, name: str, is_verified: bool) -> Message:
    return write(
        frame,
        "already_registered",
        to=to,
        subject=f"You have an account with {frame.shop.name} already",
        name=name,
        is_verified=is_verified,
        login_link=frame.link("/login"),
        forgot_link=frame.link("/password/forgot"),
    )
