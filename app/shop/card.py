"""The few facts about the shop that mails and pages of trouble show, as a value that needs no database."""

from __future__ import annotations

from dataclasses import dataclass

from app.shop.models import ShopFacts


@dataclass(frozen=True)
class ShopCard:
    name: str
    email: str
    staff_email: str = ""
    phone: str = ""
    hours: str = ""
    tagline: str = ""
    time_zone: str = "America/New_York"
    review_days: int = 2


def card_of(shop: ShopFacts) -> ShopCard:
    """A copy that stays readable when the session, or the database, is gone."""
    return ShopCard(
        name=shop.name,
        email=shop.email,
        staff_email=shop.staff_email,
        phone=shop.phone,
        hours=shop.hours,
        tagline=shop.tagline,
        time_zone=shop.time_zone,
        review_days=shop.review_days,
    )
