"""Whom and what a mail is about, found from the ids its job carries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.accounts.models import User, UserToken
from app.businesses.models import Business
from app.contact.models import ContactMessage, ContactReply
from app.extensions import db
from app.orders.models import Order
from app.payments.models import Payment, Refund


@dataclass(frozen=True)
class About:
    """Ids of what the mail is about, where they are known and the rows are still there."""

    user_id: int | None = None
    business_id: int | None = None
    order_id: int | None = None
    message_id: int | None = None


def find_about(ids: Mapping[str, int]) -> About:
    """The person, business, order and message behind a job's ids; an order brings its buyer and business along."""
    order = find_order_of(ids)
    if order is not None:
        return About(order.user_id, order.business_id, order.id)
    message = _find_message(ids)
    if message is not None:
        return About(message.user_id, message.business_id, message_id=message.id)
    user = _find_user(ids)
    if user is not None:
        return About(user.id, user.business_id)
    business_id = ids.get("business_id")
    known = db.session.get(Business, business_id) if business_id else None
    return About(business_id=known.id if known else None)


def find_order_of(ids: Mapping[str, int]) -> Order | None:
    """The order a job is about, also where it carries only its payment or refund."""
    payment = db.session.get(Payment, ids["payment_id"]) if "payment_id" in ids else None
    refund = db.session.get(Refund, ids["refund_id"]) if "refund_id" in ids else None
    its_own = payment or refund
    order_id = its_own.order_id if its_own else ids.get("order_id")
    return db.session.get(Order, order_id) if order_id else None


def find_order_number(ids: Mapping[str, int]) -> str | None:
    """The number of that order alone, for logs: one small read, and none where no order can be meant."""
    query = db.select(Order.number)
    if "payment_id" in ids:
        query = query.join(Payment, Payment.order_id == Order.id).where(Payment.id == ids["payment_id"])
    elif "refund_id" in ids:
        query = query.join(Refund, Refund.order_id == Order.id).where(Refund.id == ids["refund_id"])
    elif "order_id" in ids:
        query = query.where(Order.id == ids["order_id"])
    else:
        return None
    number: str | None = db.session.scalars(query).one_or_none()
    return number


def _find_message(ids: Mapping[str, int]) -> ContactMessage | None:
    reply = db.session.get(ContactReply, ids["reply_id"]) if "reply_id" in ids else None
    message_id = reply.message_id if reply is not None else ids.get("message_id")
    return db.session.get(ContactMessage, message_id) if message_id else None


def _find_user(ids: Mapping[str, int]) -> User | None:
    token = db.session.get(UserToken, ids["token_id"]) if "token_id" in ids else None
    user_id = token.user_id if token is not None else ids.get("user_id")
    return db.session.get(User, user_id) if user_id else None
