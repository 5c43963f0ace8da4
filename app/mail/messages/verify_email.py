"""The link that confirms an e-mail address."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def verify_email(frame: Frame, *, to: str, name: str, token: str, hours: int) -> Message:
    """`token` is signed at the moment of sending; the link works for `hours`."""
    subject = f"Confirm your e-mail address for {frame.shop.name}"
    return write(
        frame,
        "verify_email",
        to=to,
        subject=subject,
        name=name,
        link=frame.link(f"/verify/{token}"),
        hours=hours,
    )
