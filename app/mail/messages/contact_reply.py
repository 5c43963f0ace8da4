"""The answer staff wrote to a message."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def contact_reply(
    frame: Frame, *, to: str, name: str, topic: str, answer: str, author: str, body: str
) -> Message:
    """`answer` is what staff wrote, `body` the message it answers."""
    return write(
        frame,
        "contact_reply",
        to=to,
        subject=f"{frame.shop.name}: about your message ({topic})",
        name=name,
        topic=topic,
        answer=answer,
        author=author,
        body=body,
    )
