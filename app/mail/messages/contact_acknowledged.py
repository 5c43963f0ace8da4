"""We have your message."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def contact_acknowledged(frame: Frame, *, to: str, name: str, topic: str, body: str) -> Message:
    return write(
        frame,
        "contact_acknowledged",
        to=to,
        subject=f"We have your message to {frame.shop.name}",
        name=name,
        topic=topic,
        body=body,
    )
