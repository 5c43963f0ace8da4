"""Which function does which kind of work. A test proves that every kind has one."""

from __future__ import annotations

from collections.abc import Callable

from app.outbox.kinds import Kind
from jobs.handlers import (
    invoice_mail,
    mail,
    pay_mail,
    payments,
    reconciliation,
    refund_mail,
    staff_mail,
    upkeep,
)

HANDLERS: dict[Kind, Callable[..., None]] = {
    Kind.MAIL_VERIFY_EMAIL: mail.send_verify_email,
    Kind.MAIL_ALREADY_REGISTERED: mail.send_already_registered,
    Kind.MAIL_WELCOME: mail.send_welcome,
    Kind.MAIL_RESET_PASSWORD: mail.send_reset_password,
    Kind.MAIL_PASSWORD_CHANGED: mail.send_password_changed,
    Kind.MAIL_SECOND_FACTOR_ON: mail.send_second_factor_on,
    Kind.MAIL_SECOND_FACTOR_OFF: mail.send_second_factor_off,
    Kind.MAIL_BUSINESS_SUBMITTED: mail.send_business_submitted,
    Kind.MAIL_BUSINESS_APPROVED: mail.send_business_approved,
    Kind.MAIL_BUSINESS_REJECTED: mail.send_business_rejected,
    Kind.MAIL_BUSINESS_ASKED: mail.send_business_asked,
    Kind.MAIL_ORDER_RECEIVED: mail.send_order_received,
    Kind.MAIL_ORDER_RECEIPT: mail.send_order_receipt,
    Kind.MAIL_ORDER_NOTICE: mail.send_order_notice,
    Kind.MAIL_ORDER_CANCELLED: mail.send_order_cancelled,
    Kind.MAIL_INVOICE: invoice_mail.send_invoice,
    Kind.MAIL_ORDER_SHORTENED: refund_mail.send_order_shortened,
    Kind.MAIL_REFUND: refund_mail.send_refund_sent,
    Kind.MAIL_PAYMENT_FAILED: mail.send_payment_failed,
    Kind.MAIL_ORDER_KEPT: pay_mail.send_order_kept,
    Kind.MAIL_PAY_LINK: pay_mail.send_pay_link,
    Kind.MAIL_CONTACT_RECEIVED: mail.send_contact_received,
    Kind.MAIL_CONTACT_ACKNOWLEDGED: mail.send_contact_acknowledged,
    Kind.MAIL_CONTACT_REPLY: mail.send_contact_reply,
    Kind.MAIL_DEAD_LETTERS: staff_mail.send_dead_letters,
    Kind.MAIL_ALARM_STANDSTILL: staff_mail.send_standstill,
    Kind.MAIL_ALARM_PAYMENTS: staff_mail.send_payment_errors,
    Kind.MAIL_ALARM_OUTBOX: staff_mail.send_late_work,
    Kind.MAIL_ALARM_DISK: staff_mail.send_full_disk,
    Kind.PAYMENT_SETTLE: payments.settle,
    Kind.PAYMENT_CAPTURE: payments.capture,
    Kind.PAYMENT_CAPTURE_ORDER: payments.capture_order,
    Kind.PAYMENT_RELEASE: payments.release,
    Kind.REFUND_SEND: payments.refund,
    Kind.REFUND_CHECK: payments.refund_check,
    Kind.PAYMENT_WEBHOOK: reconciliation.webhook,
    Kind.PAYMENT_REPAIR: reconciliation.repair,
    Kind.CARTS_CLOSE_STALE: upkeep.close_stale,
    Kind.ORDERS_CANCEL_ABANDONED: upkeep.cancel_abandoned_orders,
    Kind.PAYMENTS_WATCH: payments.watch,
    Kind.PAYMENTS_RECONCILE: reconciliation.reconcile_daily,
    Kind.OUTBOX_PRUNE: upkeep.prune_outbox,
    Kind.FILES_LOOK: upkeep.look_for_unnamed_files,
    Kind.FILES_REMOVE: upkeep.remove_unnamed_files,
}
