"""Reads of what the owner set."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask import g, has_request_context

from app.extensions import db
from app.shared.errors import NotFound
from app.shared.kept import keep
from app.shared.stamps import Stamp, stamped
from app.shared.transaction import in_transaction
from app.shop.models import ShippingMethod, ShopFacts, TextPage


def find_shop() -> ShopFacts | None:
    """The shop's facts; None before the shop is set up. For pages a copy that is kept until they change, which no session
    knows; use cases decide on the row itself."""
    if not has_request_context() or in_transaction():
        return db.session.get(ShopFacts, 1)
    if "shop_facts" not in g:
        g.shop_facts = keep("shop-facts", "", [Stamp.SHOP], _copy_shop)
    facts: ShopFacts | None = g.shop_facts
    return facts


def _copy_shop() -> ShopFacts | None:
    columns = ShopFacts.__table__.columns
    row = db.session.execute(db.select(*columns).where(columns.id == 1)).one_or_none()
    return ShopFacts(**row._mapping) if row else None


def get_shop() -> ShopFacts:
    """The shop's facts; NotFound before the shop is set up (`flask set-up-shop`)."""
    shop = find_shop()
    if shop is None:
        raise NotFound("This shop is not set up yet.")
    return shop


def shop_zone() -> str:
    """The shop's time zone, for people's eyes."""
    shop = find_shop()
    return shop.time_zone if shop else "America/New_York"


def shop_today(now: datetime) -> date:
    """The date at the shop at that moment: what certificates are held against."""
    return now.astimezone(ZoneInfo(shop_zone())).date()


_SHIPPING_METHODS = (
    db.select(ShippingMethod).filter_by(is_active=True).order_by(ShippingMethod.position, ShippingMethod.id)
)


def list_shipping_methods() -> list[ShippingMethod]:
    return list(db.session.scalars(_SHIPPING_METHODS))


def list_text_pages() -> list[TextPage]:
    return list(db.session.scalars(db.select(TextPage).order_by(TextPage.position, TextPage.id)))


@dataclass(frozen=True, slots=True)
class TextPageLink:
    """A text page as the foot of every page names it."""

    slug: str
    title: str


def list_text_page_links() -> list[TextPageLink]:
    """The text pages in the owner's order, kept until one changes."""
    return keep(
        "text-page-links",
        "",
        [Stamp.SHOP],
        lambda: [TextPageLink(each.slug, each.title) for each in list_text_pages()],
    )


stamped(Stamp.SHOP, ShopFacts, TextPage, ShippingMethod)


def get_text_page(slug: str) -> TextPage:
    found: TextPage | None = db.session.scalars(db.select(TextPage).filter_by(slug=slug)).one_or_none()
    if found is None:
        raise NotFound("We have no such page.")
    return found
