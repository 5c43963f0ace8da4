"""Every kind of later work, the queue it runs on, and the ids it carries. A test proves that each has a handler."""

from __future__ import annotations

from dataclasses import dataclass

from app.shared.errors import AppError
from app.shared.status import LabelEnum


class Kind(LabelEnum):
    """value = the stored name, label = what staff read when it needs a person."""

    MAIL_VERIFY_EMAIL = "mail.verify_email", "Verification mail"
    MAIL_ALREADY_REGISTERED = "mail.already_registered", "Mail: you have an account already"
    MAIL_WELCOME = "mail.welcome", "Welcome mail"
    MAIL_RESET_PASSWORD = "mail.reset_password", "Password reset mail"
    MAIL_PASSWORD_CHANGED = "mail.password_changed", "Mail: your password was changed"
    MAIL_SECOND_FACTOR_ON = "mail.second_factor_on", "Mail: your second factor was turned on"
    MAIL_SECOND_FACTOR_OFF = "mail.second_factor_off", "Mail: your second factor was turned off"
    MAIL_BUSINESS_SUBMITTED = "mail.business_submitted", "Mail to staff: application submitted"
    MAIL_BUSINESS_APPROVED = "mail.business_approved", "Mail: application approved"
    MAIL_BUSINESS_REJECTED = "mail.business_rejected", "Mail: application rejected"
    MAIL_BUSINESS_ASKED = "mail.business_asked", "Mail: application needs information"
    MAIL_ORDER_RECEIVED = "mail.order_received", "Mail: order received"
    MAIL_ORDER_RECEIPT = "mail.order_receipt", "Mail: receipt"
    MAIL_ORDER_NOTICE = "mail.order_notice", "Mail to staff: paid order"
    MAIL_ORDER_CANCELLED = "mail.order_cancelled", "Mail: order cancelled"
    MAIL_INVOICE = "mail.invoice", "Mail: invoice"
    MAIL_ORDER_SHORTENED = "mail.order_shortened", "Mail: some of an order cannot be shipped"
    MAIL_REFUND = "mail.refund", "Mail: refund on its way"
    MAIL_PAYMENT_FAILED = "mail.payment_failed", "Mail: payment failed or authorization lapsed"
    MAIL_ORDER_KEPT = "mail.order_kept", "Mail: order written down, to be paid by link"
    MAIL_PAY_LINK = "mail.pay_link", "Mail: link to pay an order"
    MAIL_CONTACT_RECEIVED = "mail.contact_received", "Mail to staff: message received"
    MAIL_CONTACT_ACKNOWLEDGED = "mail.contact_acknowledged", "Mail: we have your message"
    MAIL_CONTACT_REPLY = "mail.contact_reply", "Mail: answer to a message"
    MAIL_DEAD_LETTERS = "mail.dead_letters", "Mail to staff: jobs that gave up"
    MAIL_ALARM_STANDSTILL = "mail.alarm_standstill", "Mail to staff: background work stood still"
    MAIL_ALARM_SILENCE = "mail.alarm_silence", "Mail to staff: background work stands still"
    MAIL_ALARM_PAYMENTS = "mail.alarm_payments", "Mail to staff: payment errors"
    MAIL_ALARM_OUTBOX = "mail.alarm_outbox", "Mail to staff: background work is late"
    MAIL_ALARM_DISK = "mail.alarm_disk", "Mail to staff: the disk is nearly full"
    MAIL_ALARM_CERTIFICATE = (
        "mail.alarm_certificate",
        "Mail to staff: the certificate of the shop's address ends",
    )
    PAYMENT_SETTLE = "payment.settle", "Find out what became of an authorization"
    PAYMENT_CAPTURE = "payment.capture", "Capture a payment"
    PAYMENT_CAPTURE_ORDER = "payment.capture_order", "Capture a shipped order's payment"
    PAYMENT_RELEASE = "payment.release", "Void or refund a cancelled order's payment"
    REFUND_SEND = "refund.send", "Send a refund to the provider"
    REFUND_CHECK = "refund.check", "See whether a refund went through"
    PAYMENT_WEBHOOK = "payment.webhook", "Look at what the payment provider reported"
    PAYMENT_REPAIR = "payment.repair", "Repair a difference with the payment provider"
    CARTS_CLOSE_STALE = "carts.close_stale", "Close carts nobody touched"
    ORDERS_CANCEL_ABANDONED = (
        "orders.cancel_abandoned",
        "Cancel orders whose payment failed and that nobody finished",
    )
    PAYMENTS_WATCH = "payments.watch", "Look for authorizations that lapsed"
    PAYMENTS_RECONCILE = "payments.reconcile", "Compare payments with the provider's books"
    CERTIFICATE_LOOK = "certificate.look", "Look at the certificate of the shop's address"
    FILES_LOOK = "files.look", "Look for files that nobody names any more"
    FILES_REMOVE = "files.remove", "Remove files that nobody has named for a day"
    OUTBOX_PRUNE = "outbox.prune", "Forget finished work after a while"

    @property
    def queue(self) -> str:
        """RQ queue: money first, then mail, then the rest."""
        prefix = self.value.partition(".")[0]
        return {"payment": "payments", "refund": "payments", "mail": "mail"}.get(prefix, "default")


@dataclass(frozen=True)
class UnknownKind:
    """Work that another version of the shop posted, before somebody went back to this one: it has a name, and here nobody
    who does it."""

    value: str

    @property
    def label(self) -> str:
        return f"Work of another version ({self.value})"

    @property
    def queue(self) -> str:
        return "default"

    def __str__(self) -> str:
        return self.label


class KindUnknown(AppError):
    """A piece of work cannot be done by this version, and trying again would not help."""

    def __init__(self, kind: UnknownKind):
        super().__init__(
            f"This version of the shop does not know “{kind.value}”. Upgrade to the version that does, then try again."
        )


def kind_of(value: str) -> Kind | UnknownKind:
    """The kind stored under this value, or an UnknownKind of that name."""
    return _BY_VALUE.get(value) or UnknownKind(value)


_BY_VALUE: dict[str, Kind] = {kind.value: kind for kind in Kind}
