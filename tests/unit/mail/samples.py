"""One of every mail, built from fixed values; `python -m tests.unit.mail.samples` writes the snapshots anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.mail.message import Frame, Message
from app.mail.messages.already_registered import already_registered
from app.mail.messages.business_approved import business_approved
from app.mail.messages.business_asked import business_asked
from app.mail.messages.business_rejected import business_rejected
from app.mail.messages.business_submitted import business_submitted
from app.mail.messages.contact_acknowledged import contact_acknowledged
from app.mail.messages.contact_received import contact_received
from app.mail.messages.contact_reply import contact_reply
from app.mail.messages.dead_letters import DeadLetter, dead_letters
from app.mail.messages.order_cancelled import order_cancelled
from app.mail.messages.order_notice import order_notice
from app.mail.messages.order_receipt import order_receipt
from app.mail.messages.order_received import order_received
from app.mail.messages.password_changed import password_changed
from app.mail.messages.payment_failed import payment_failed
from app.mail.messages.reset_password import reset_password
from app.mail.messages.verify_email import verify_email
from app.mail.messages.welcome import welcome
from app.mail.order_facts import OrderFacts, OrderLineFacts
from app.shared.money import Money
from app.shop.card import ShopCard

SNAPSHOTS = Path(__file__).parent / "snapshots"
SITE_URL = "https://shop.example.com"
FRAME = Frame(
    shop=ShopCard(
        name="Harbor & Pine",
        email="hello@shop.example.com",
        staff_email="desk@shop.example.com",
        phone="+12075550142",
        hours="Monday to Friday, 8 to 5 Eastern",
        tagline="Goods for good shops",
        time_zone="America/New_York",
        review_days=2,
    ),
    site_url=SITE_URL,
)
MOMENT = datetime(2026, 11, 20, 20, 4, tzinfo=UTC)
ORDER = OrderFacts(
    number="HP-1042",
    buyer_name="Ada Palmer",
    buyer_email="ada@example.com",
    business_name="Palmer & Daughters",
    placed_at=MOMENT,
    po_number="PO-77",
    lines=(
        OrderLineFacts("SOAP-LAV", "Lavender soap", "Bar, 100 g", 12, 24, Money(340), Money(8160)),
        OrderLineFacts("CND-1", "Beeswax candle <tall>", "", 1, 3, Money(1250), Money(3750)),
    ),
    subtotal=Money(11910),
    shipping_name="Ground",
    shipping=Money(1495),
    tax=Money(983),
    tax_reason="California, 7.25 %",
    total=Money(14388),
    is_pickup=False,
    ship_to=("Palmer & Daughters", "500 Valencia St", "San Francisco, CA 94110"),
)


def build_samples() -> dict[str, Message]:
    """Every mail by its name, and some twice where their words depend on what happened."""
    ada = {"to": "ada@example.com", "name": "Ada Palmer"}
    palmer = {**ada, "business_name": "Palmer & Daughters"}
    minimums = {"first_order_minimum": Money(25000), "reorder_minimum": Money(10000)}
    no_minimums = {"first_order_minimum": Money(0), "reorder_minimum": Money(0)}
    about = {"name": "Ada Palmer", "topic": "An order I placed"}
    body = "Hello,\n\nwhere is <b>HP-1042</b>?"
    pickup = replace(ORDER, is_pickup=True, ship_to=(), po_number="")
    return {
        "verify_email": verify_email(FRAME, **ada, token="SIGNED.TOKEN", hours=48),
        "already_registered": already_registered(FRAME, **ada, is_verified=True),
        "already_registered_unconfirmed": already_registered(FRAME, **ada, is_verified=False),
        "welcome": welcome(FRAME, **ada),
        "reset_password": reset_password(FRAME, **ada, token="SIGNED.TOKEN", minutes=60),
        "password_changed": password_changed(FRAME, **ada),
        "business_submitted": business_submitted(
            FRAME,
            business_id=7,
            business_name="Palmer & Daughters",
            kind="Retail store",
            state="California",
            applicant="Ada Palmer, ada@example.com",
            submitted_at=MOMENT,
        ),
        "business_approved": business_approved(FRAME, **palmer, **minimums),
        "business_approved_no_minimum": business_approved(FRAME, **palmer, **no_minimums),
        "business_rejected": business_rejected(FRAME, **palmer, reason="We do not ship\nto your state yet."),
        "business_asked": business_asked(
            FRAME, **palmer, question="Please send the certificate's second page."
        ),
        "order_received": order_received(FRAME, order=ORDER, card="Visa ending 1111"),
        "order_received_pickup": order_received(FRAME, order=pickup, card=""),
        "order_receipt": order_receipt(
            FRAME, order=ORDER, amount=Money(14388), card="Visa ending 1111", charged_at=MOMENT
        ),
        "order_notice": order_notice(FRAME, order=replace(ORDER, note="Ring twice."), order_id=5),
        "order_cancelled": order_cancelled(FRAME, order=ORDER, reason="", was_charged=False),
        "order_cancelled_refunded": order_cancelled(
            FRAME, order=ORDER, reason="The candles broke in our store.", was_charged=True
        ),
        "payment_failed": payment_failed(
            FRAME, order=ORDER, card="Visa ending 1111", has_lapsed=False, words="The bank declined the card."
        ),
        "payment_lapsed": payment_failed(
            FRAME, order=ORDER, card="Visa ending 1111", has_lapsed=True, words=""
        ),
        "contact_received": contact_received(
            FRAME,
            message_id=9,
            **about,
            email="ada@example.com",
            business_name="Palmer & Daughters",
            body=body,
        ),
        "contact_acknowledged": contact_acknowledged(FRAME, to="ada@example.com", **about, body=body),
        "contact_acknowledged_stranger": contact_acknowledged(FRAME, to="ada@example.com", **about, body=""),
        "contact_reply": contact_reply(
            FRAME, to="ada@example.com", **about, answer="It ships\ntomorrow.", author="Sam Smith", body=body
        ),
        "dead_letters": dead_letters(
            FRAME,
            letters=[
                DeadLetter("Capture a payment", "The payment provider did not answer.", MOMENT),
                DeadLetter("Mail: receipt", "The mail server refused the mail.", MOMENT),
            ],
            total=12,
        ),
        "dead_letters_one": dead_letters(
            FRAME,
            letters=[DeadLetter("Capture a payment", "The payment provider did not answer.", MOMENT)],
            total=1,
        ),
    }


def as_text(message: Message) -> str:
    """The headers that matter and the text, as one readable file."""
    head = [f"To: {message.to}", f"Subject: {message.subject}"]
    if message.reply_to:
        head.append(f"Reply-To: {message.reply_to}")
    return "\n".join([*head, "", message.text])


if __name__ == "__main__":
    for name, message in build_samples().items():
        (SNAPSHOTS / f"{name}.txt").write_text(as_text(message))
        (SNAPSHOTS / f"{name}.html").write_text(message.html)
