"""The link that sets a new password."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def reset_password(frame: Frame, *, to: str, name: str, token: str, minutes: int) -> Message:
    """`token` is signed at the moment of sending; the link works for `minutes`."""
    return write(
        frame,
        "reset_password",
        to=to,
        subject=f"Set a new password for {frame.shop.name}",
        name=name,
        link=frame.link(f"/password/reset/{token}"),
        minutes=minutes,
    )
