"""`python -m tests.pressing TOKEN TOTAL USER BUSINESS`: the press of "Place order" in a process of its own, to be killed."""

from __future__ import annotations

import sys
from datetime import timedelta

from app import create_app
from app.checkout.place_order import PlaceOrder, place_order
from app.extensions import db
from app.payments.providers import get_gateway
from app.settings import Settings
from app.shared.history import Actor
from app.shared.money import Money
from tests.placing import CARD_OK


def main(token: str, total: str, user: str, business: str) -> None:
    """Press once with a card that is good."""
    app = create_app()
    with app.app_context():
        settings: Settings = app.extensions["settings"]
        place_order(
            PlaceOrder(checkout_token=token, shown_total=Money(int(total)), source=CARD_OK),
            user_id=int(user),
            business_id=int(business),
            actor=Actor(int(user), "Ada Palmer"),
            gateway=get_gateway("square"),
            settle_after=timedelta(seconds=settings.settle_after_seconds),
        )
        db.session.remove()


if __name__ == "__main__":
    main(*sys.argv[1:])
