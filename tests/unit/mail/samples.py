"""One of every mail, built from fixed values; `python -m tests.unit.mail.samples` writes the snapshots anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from app.mail.message import Frame, Message
from app.mail.messages.alarm import (
    alarm,
    certificate_ends,
    full_disk,
    late_work,
    payment_errors,
    standing_still,
)
from app.mail.messages.already_registered import already_registered
from app.mail.messages.business_approved import business_approved
from app.mail.messages.business_asked import business_asked
from app.mail.messages.business_rejected import business_rejected
from app.mail.messages.business_submitted import business_submitted
from app.mail.messages.contact_acknowledged import contact_acknowledged
from app.mail.messages.contact_received import contact_received
from app.mail.messages.contact_reply import contact_reply
from app.mail.messages.dead_letters import DeadLetter, dead_letters
from app.mail.messages.invoice import invoice
from app.mail.messages.order_cancelled import order_cancelled
from app.mail.messages.order_kept import order_kept
from app.mail.messages.order_notice import order_notice
from app.mail.messages.order_receipt import order_receipt
from app.mail.messages.order_received import order_received
from app.mail.messages.order_shortened import order_shortened
from app.mail.messages.password_changed import password_changed
from app.mail.messages.pay_link import pay_link
from app.mail.messages.payment_failed import payment_failed
from app.mail.messages.payment_received import payment_received
from app.mail.messages.refund_sent import refund_sent
from app.mail.messages.reset_password import reset_password
from app.mail.messages.second_factor_changed import second_factor_changed
from app.mail.messages.verify_email import verify_email
from app.mail.messages.welcome import welcome
from app.mail.order_facts import OrderFacts, OrderLineFacts
from app.mail.refund_facts import RefundFacts, ShortLine
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
PAY_LINK = f"{SITE_URL}/pay/WzEwNDIsMTc5NTQ2NjY0MF0.signature"
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

REFUND = RefundFacts(
    amount=Money(5000),
    goods=Money(3117),
    shipping=Money(1495),
    tax=Money(388),
    reason="Two bars arrived broken",
    parts=(("Lavender soap", 2), ("Beeswax candle <tall>", 1)),
    way="to your card (Visa ending 1111)",
    wait=" Banks take a few days to show it.",
)


ON_TERMS = replace(ORDER, promise="Net 30 on account", terms_days=30)


def _invoice(days_late: int = 0, paid: Money = Money(0), owed: Money = Money(14388)) -> Message:
    return invoice(
        FRAME,
        order=ON_TERMS,
        number="INV-1001",
        issued_on=date(2026, 11, 20),
        due_on=date(2026, 12, 20),
        owed=owed,
        paid=paid,
        days_late=days_late,
        pay_to=("Harbor Supply", "1 Harbor Way", "Portland, OR 97201"),
        pay_link=FRAME.link("/pay/SIGNED.TOKEN"),
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
        "second_factor_changed": second_factor_changed(FRAME, **ada, is_on=True),
        "second_factor_changed_off": second_factor_changed(FRAME, **ada, is_on=False),
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
        "business_approved_terms": business_approved(
            FRAME, **palmer, **minimums, net_days=30, credit_limit=Money(250000)
        ),
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
        "order_received_terms": order_received(FRAME, order=ON_TERMS, card=""),
        "order_received_pay_on_pickup": order_received(
            FRAME, order=replace(pickup, promise="Cash or check on pickup"), card=""
        ),
        "order_notice_terms": order_notice(FRAME, order=ON_TERMS, order_id=5),
        "order_cancelled_terms": order_cancelled(FRAME, order=ON_TERMS, reason="", was_charged=False),
        "order_cancelled_received": order_cancelled(
            FRAME, order=ON_TERMS, reason="", was_charged=False, came_by_hand=Money(5000)
        ),
        "invoice": _invoice(),
        "invoice_late": _invoice(days_late=12, paid=Money(4388), owed=Money(10000)),
        "invoice_paid": _invoice(owed=Money(0), paid=Money(14388)),
        "payment_received": payment_received(
            FRAME,
            order=ON_TERMS,
            amount=Money(10000),
            by="check 1042",
            received_on=MOMENT.date(),
            owed=Money(4388),
            due_on=date(2026, 12, 20),
            invoice_number="INV-1001",
        ),
        "payment_received_all": payment_received(
            FRAME,
            order=ON_TERMS,
            amount=Money(14388),
            by="bank transfer",
            received_on=MOMENT.date(),
            owed=Money(0),
            due_on=None,
            invoice_number="",
        ),
        "order_notice": order_notice(FRAME, order=replace(ORDER, note="Ring twice."), order_id=5),
        "order_cancelled": order_cancelled(FRAME, order=ORDER, reason="", was_charged=False),
        "order_cancelled_refunded": order_cancelled(
            FRAME,
            order=ORDER,
            reason="The candles broke in our store.",
            was_charged=True,
            back_to_card=ORDER.total,
        ),
        "order_shortened": order_shortened(
            FRAME,
            order=ORDER,
            short_lines=[
                ShortLine("Lavender soap", 36, 24, "The last case was <damaged>."),
                ShortLine("Walnut board", 2, 0, "No longer made."),
            ],
            money_words="We give $40.80 back to your card (Visa ending 1111). Banks take a few days to show it.",
        ),
        "refund_sent": refund_sent(FRAME, order=ORDER, refund=REFUND),
        "refund_sent_amount": refund_sent(
            FRAME,
            order=ORDER,
            refund=replace(
                REFUND,
                goods=Money(4612),
                shipping=Money(0),
                parts=(),
                way="as a credit on what you owe",
                wait="",
            ),
        ),
        "payment_failed": payment_failed(
            FRAME,
            order=ORDER,
            card="Visa ending 1111",
            has_lapsed=False,
            words="The bank declined the card.",
            link=PAY_LINK,
        ),
        "payment_lapsed": payment_failed(
            FRAME, order=ORDER, card="Visa ending 1111", has_lapsed=True, words="", link=PAY_LINK
        ),
        "order_kept": order_kept(FRAME, order=ORDER, link=PAY_LINK, link_days=30, order_days=7),
        "pay_link": pay_link(FRAME, order=ORDER, owed=Money(14388), link=PAY_LINK, link_days=30),
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
        "alarm": alarm(FRAME, began=MOMENT, ended=MOMENT + timedelta(hours=3)),
        "alarm_silence": standing_still(FRAME, began=MOMENT),
        "alarm_payments": payment_errors(FRAME, errors=4, asked=37),
        "alarm_outbox": late_work(FRAME, minutes=12),
        "alarm_disk": full_disk(FRAME, free_megabytes=1480),
        "alarm_certificate": certificate_ends(FRAME, days_left=9),
        "alarm_certificate_over": certificate_ends(FRAME, days_left=-1),
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
