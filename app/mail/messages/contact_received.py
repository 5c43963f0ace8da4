"""To staff: somebody wrote to the shop."""

from __future__ import annotations

from app.mail.message import Frame, Message, write


def contact_received(
    frame: Frame, *, message_id: int, name: str, email: str, business_name: str, topic: str, body: str
) -> Message:
    """Answering the mail goes to the person; the back office keeps the answer, so it is the better place."""
    return write(
        frame,
        "contact_received",
        to=frame.shop.staff_email,
        subject=f"Message from {name}: {topic}",
        reply_to=email,
        name=name,
        email=email,
        business_name=business_name,
        topic=topic,
        body=body,
        link=frame.link(f"/admin/messages/{message_id}"),
    )
