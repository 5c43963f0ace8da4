"""The mail an answer will send, shown before it goes: made by the very function that makes the real one."""

from __future__ import annotations

from flask import current_app

from app.accounts.queries import list_people_of
from app.businesses.models import Business, CustomerGroup
from app.mail.message import Frame, Message
from app.mail.messages.business_approved import business_approved
from app.mail.messages.business_asked import business_asked
from app.mail.messages.business_rejected import business_rejected
from app.shop.card import card_of
from app.shop.queries import get_shop


def approved_mail(business: Business, group: CustomerGroup) -> Message:
    to, name = _applicant(business)
    return business_approved(
        _frame(),
        to=to,
        name=name,
        business_name=business.display_name,
        first_order_minimum=group.first_order_minimum_cents,
        reorder_minimum=group.reorder_minimum_cents,
    )


def rejected_mail(business: Business, reason: str) -> Message:
    to, name = _applicant(business)
    return business_rejected(_frame(), to=to, name=name, business_name=business.display_name, reason=reason)


def asked_mail(business: Business, question: str) -> Message:
    to, name = _applicant(business)
    return business_asked(_frame(), to=to, name=name, business_name=business.display_name, question=question)


def _applicant(business: Business) -> tuple[str, str]:
    people = [each for each in list_people_of(business.id) if each.is_active]
    return (people[0].email, people[0].name) if people else ("nobody: no active person belongs to it", "")


def _frame() -> Frame:
    return Frame(shop=card_of(get_shop()), site_url=current_app.extensions["settings"].site_url)
