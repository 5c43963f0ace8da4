"""The application was not approved, with the reason staff wrote for the applicant."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def business_rejected(frame: Frame, *, to: str, name: str, business_name: str, reason: str) -> Message:
    return write(
        frame,
        "business_rejected",
        to=to,
        subject=f"About your application to {frame.shop.name}",
        name=name,
        business_name=business_name,
        reason=reason,
        link=frame.link("/account/business"),
    )
