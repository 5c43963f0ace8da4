"""What the page of a business shows, whether it is being decided on or long approved."""

from __future__ import annotations

from typing import Any

from admin import formatters
from admin.access import may
from app.accounts.permissions import Permission
from app.accounts.queries import list_people_of
from app.businesses.duplicates import find_duplicates
from app.businesses.models import Business, CustomerGroup
from app.businesses.queries import get_own_business, list_addresses, list_certificates
from app.businesses.status import CertificateStatus
from app.extensions import db
from app.payments.credit import Credit
from app.payments.receivables import read_credit
from app.shared import clock
from app.shared.history import list_history
from app.shop.queries import shop_today


def business_needs(business: Business, *, ein: str = "") -> dict[str, Any]:
    """Facts, papers, people, hints and history; `ein` is the whole number once somebody asked to see it."""
    group = db.session.get(CustomerGroup, business.group_id) if business.group_id else None
    addresses = list_addresses(business.id)
    papers = list_certificates(business.id)
    return {
        "business": business,
        "group": group,
        "addresses": addresses,
        "papers": papers,
        "waiting_papers": [each for each in papers if each.status is CertificateStatus.SUBMITTED],
        "people": list_people_of(business.id),
        "hints": find_duplicates({business.id})[business.id],
        "history": formatters.timeline(list_history("business", business.id)),
        "ein": ein,
        "today": shop_today(clock.now()),
        "credit": _read_credit(business, group),
        "may_set_limit": may(Permission.PRICING_EDIT),
        "may_see_money": may(Permission.PAYMENTS_VIEW),
        "may_review": may(Permission.BUSINESSES_REVIEW),
        "may_suspend": may(Permission.BUSINESSES_SUSPEND),
        "may_see_people": may(Permission.USERS_VIEW),
        "may_see_orders": may(Permission.ORDERS_VIEW),
        "may_see_mails": may(Permission.OUTBOX_VIEW),
    }


def _read_credit(business: Business, group: CustomerGroup | None) -> Credit:
    if group is None:
        return Credit()
    own = business.credit_limit_cents
    limit = own if own is not None else group.credit_limit_cents
    return read_credit(business.id, group.net_terms_days, limit, shop_today(clock.now()))


def get_business(business_id: int) -> Business:
    return get_own_business(business_id)
