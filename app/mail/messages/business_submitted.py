"""To staff: an application waits."""

from __future__ import annotations

from datetime import datetime

from app.mail.message import Frame, Message, write


def business_submitted(
    frame: Frame,
    *,
    business_id: int,
    business_name: str,
    kind: str,
    state: str,
    applicant: str,
    submitted_at: datetime,
) -> Message:
    return write(
        frame,
        "business_submitted",
        to=frame.shop.staff_email,
        subject=f"New application: {business_name}",
        business_name=business_name,
        kind=kind,
        state=state,
        applicant=applicant,
        submitted_at=submitted_at,
        link=frame.link(f"/admin/approvals/{business_id}"),
    )
