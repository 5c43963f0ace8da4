"""Mails about accounts, businesses and messages: each handler loads the rows its ids name, builds the mail, sends it.

A row that is gone, or no longer calls for the mail, means there is nothing to do. A second run sends the mail twice,
which may happen in rare cases (docs/house.md, "Outbox").
"""

from __future__ import annotations

from sqlalchemy import ColumnElement

from app.accounts.models import TokenPurpose, User, UserStatus, UserToken
from app.accounts.tokens import LinkNotGood, get_usable_token, sign_token
from app.businesses.models import Address, Business, CustomerGroup
from app.businesses.status import BusinessStatus
from app.contact.models import ContactMessage, ContactReply
from app.extensions import db
from app.mail.messages.already_registered import already_registered
from app.mail.messages.business_approved import business_approved
from app.mail.messages.business_asked import business_asked
from app.mail.messages.business_rejected import business_rejected
from app.mail.messages.business_submitted import business_submitted
from app.mail.messages.contact_acknowledged import contact_acknowledged
from app.mail.messages.contact_received import contact_received
from app.mail.messages.contact_reply import contact_reply
from app.mail.messages.password_changed import password_changed
from app.mail.messages.reset_password import reset_password
from app.mail.messages.second_factor_changed import second_factor_changed
from app.mail.messages.verify_email import verify_email
from app.mail.messages.welcome import welcome
from app.shared import clock
from app.shared.us_states import state_name
from jobs.handlers.order_mail import (
    send_order_cancelled,
    send_order_notice,
    send_order_receipt,
    send_order_received,
    send_payment_failed,
)
from jobs.handlers.post_office import mail_frame, send_mail, shop_settings

__all__ = [
    "send_already_registered",
    "send_business_approved",
    "send_business_asked",
    "send_business_rejected",
    "send_business_submitted",
    "send_contact_acknowledged",
    "send_contact_received",
    "send_contact_reply",
    "send_order_cancelled",
    "send_order_notice",
    "send_order_receipt",
    "send_order_received",
    "send_password_changed",
    "send_payment_failed",
    "send_reset_password",
    "send_second_factor_off",
    "send_second_factor_on",
    "send_verify_email",
    "send_welcome",
]


def send_verify_email(token_id: int) -> None:
    found = _find_usable(token_id, TokenPurpose.VERIFY_EMAIL)
    if found is None:
        return
    token, user = found
    settings = shop_settings()
    send_mail(
        verify_email(
            mail_frame(),
            to=token.email,
            name=user.name,
            token=sign_token(token, settings.signing_keys),
            hours=settings.verification_hours,
        )
    )


def send_reset_password(token_id: int) -> None:
    found = _find_usable(token_id, TokenPurpose.RESET_PASSWORD)
    if found is None:
        return
    token, user = found
    settings = shop_settings()
    send_mail(
        reset_password(
            mail_frame(),
            to=token.email,
            name=user.name,
            token=sign_token(token, settings.signing_keys),
            minutes=settings.reset_minutes,
        )
    )


def send_already_registered(user_id: int) -> None:
    user = _find_active(user_id)
    if user is not None:
        send_mail(
            already_registered(mail_frame(), to=user.email, name=user.name, is_verified=user.is_verified)
        )


def send_welcome(user_id: int) -> None:
    user = _find_active(user_id)
    if user is not None:
        send_mail(welcome(mail_frame(), to=user.email, name=user.name))


def send_password_changed(user_id: int) -> None:
    user = _find_active(user_id)
    if user is not None:
        send_mail(password_changed(mail_frame(), to=user.email, name=user.name))


def send_second_factor_on(user_id: int) -> None:
    user = _find_active(user_id)
    if user is not None:
        send_mail(second_factor_changed(mail_frame(), to=user.email, name=user.name, is_on=True))


def send_second_factor_off(user_id: int) -> None:
    user = _find_active(user_id)
    if user is not None:
        send_mail(second_factor_changed(mail_frame(), to=user.email, name=user.name, is_on=False))


def send_business_submitted(business_id: int) -> None:
    """To staff; they are told of every submission, also of one that has been decided on meanwhile."""
    business = db.session.get(Business, business_id)
    applicant = _find_applicant(business_id)
    if business is None or applicant is None:
        return
    main = db.session.scalars(db.select(Address).filter_by(business_id=business_id, is_main=True)).first()
    send_mail(
        business_submitted(
            mail_frame(),
            business_name=business.display_name,
            kind=business.kind.label if business.kind else "Not given",
            state=state_name(main.state) if main else "Not given",
            applicant=f"{applicant.name}, {applicant.email}",
            submitted_at=business.submitted_at or business.created_at,
            business_id=business_id,
        )
    )


def send_business_approved(business_id: int) -> None:
    business, applicant = _find_decided(business_id, BusinessStatus.APPROVED)
    group = db.session.get(CustomerGroup, business.group_id) if business and business.group_id else None
    if business is None or applicant is None or group is None:
        return
    send_mail(
        business_approved(
            mail_frame(),
            to=applicant.email,
            name=applicant.name,
            business_name=business.display_name,
            first_order_minimum=group.first_order_minimum_cents,
            reorder_minimum=group.reorder_minimum_cents,
            net_days=group.net_terms_days,
            credit_limit=business.credit_limit_cents
            if business.credit_limit_cents is not None
            else group.credit_limit_cents,
        )
    )


def send_business_rejected(business_id: int) -> None:
    business, applicant = _find_decided(business_id, BusinessStatus.REJECTED)
    if business is None or applicant is None:
        return
    send_mail(
        business_rejected(
            mail_frame(),
            to=applicant.email,
            name=applicant.name,
            business_name=business.display_name,
            reason=business.review_note,
        )
    )


def send_business_asked(business_id: int) -> None:
    business, applicant = _find_decided(business_id, BusinessStatus.NEEDS_INFORMATION)
    if business is None or applicant is None:
        return
    send_mail(
        business_asked(
            mail_frame(),
            to=applicant.email,
            name=applicant.name,
            business_name=business.display_name,
            question=business.review_note,
        )
    )


def send_contact_received(message_id: int) -> None:
    message = db.session.get(ContactMessage, message_id)
    if message is None:
        return
    business = db.session.get(Business, message.business_id) if message.business_id else None
    send_mail(
        contact_received(
            mail_frame(),
            message_id=message.id,
            name=message.name,
            email=message.email,
            business_name=business.display_name if business else "",
            topic=message.topic,
            body=message.body,
        )
    )


def send_contact_acknowledged(message_id: int) -> None:
    """The words are given back only to people we know: otherwise anyone could mail anything to anybody through us."""
    message = db.session.get(ContactMessage, message_id)
    if message is None:
        return
    body = message.body if message.user_id else ""
    send_mail(
        contact_acknowledged(
            mail_frame(), to=message.email, name=message.name, topic=message.topic, body=body
        )
    )


def send_contact_reply(reply_id: int) -> None:
    reply = db.session.get(ContactReply, reply_id)
    message = db.session.get(ContactMessage, reply.message_id) if reply else None
    if reply is None or message is None:
        return
    send_mail(
        contact_reply(
            mail_frame(),
            to=message.email,
            name=message.name,
            topic=message.topic,
            answer=reply.body,
            author=reply.author_name,
            body=message.body,
        )
    )


def _find_usable(token_id: int, purpose: TokenPurpose) -> tuple[UserToken, User] | None:
    """None once the link is used, expired, or its address corrected: such a mail would only mislead."""
    try:
        return get_usable_token(token_id, purpose, clock.now())
    except LinkNotGood:
        return None


def _find_active(user_id: int) -> User | None:
    user: User | None = db.session.get(User, user_id)
    return user if user is not None and user.is_active else None


def _find_applicant(business_id: int) -> User | None:
    """Who speaks for a business: the first of its people who is still active."""
    mine: ColumnElement[bool] = User.business_id == business_id
    query = db.select(User).where(mine, User.status == UserStatus.ACTIVE).order_by(User.id).limit(1)
    found: User | None = db.session.scalars(query).first()
    return found


def _find_decided(business_id: int, status: BusinessStatus) -> tuple[Business | None, User | None]:
    """The business while the decision still stands, and whom to tell; a newer decision sends its own mail."""
    business: Business | None = db.session.get(Business, business_id)
    if business is None or business.status is not status:
        return None, None
    return business, _find_applicant(business_id)
