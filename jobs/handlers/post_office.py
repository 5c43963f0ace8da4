"""What every mail handler needs: the frame of a mail, and the way out."""

from __future__ import annotations

from flask import current_app

from app.extensions import db
from app.mail.deliver import deliver
from app.mail.message import Frame, Message
from app.settings import Settings
from app.shop.card import card_of
from app.shop.queries import get_shop
from jobs.errands import present_errand


def shop_settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def mail_frame() -> Frame:
    """The shop's facts and address. Links begin with SITE_URL, never with anything a request said."""
    return Frame(shop=card_of(get_shop()), site_url=shop_settings().site_url)


def send_mail(message: Message) -> None:
    """Let go of the database, then hand the mail to the ledger: a slow mail server holds no connection and no lock."""
    shop = get_shop()
    name = shop.name
    db.session.remove()
    deliver(message, present_errand(), shop_name=name, settings=shop_settings())
