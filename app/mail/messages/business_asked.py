"""Staff need something more before they can decide."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def business_asked(frame: Frame, *, to: str, name: str, business_name: str, question: str) -> Message:
    return write(
        frame,
        "business_asked",
        to=to,
        subject=f"A question about your application to {frame.shop.name}",
        name=name,
        business_name=business_name,
        question=question,
        link=frame.link("/account/business"),
    )
