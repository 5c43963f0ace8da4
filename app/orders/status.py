"""Where an order stands, and what may follow. Whether money came is read from the payments, never from here."""

from __future__ import annotations

from collections.abc import Mapping

from app.shared.status import LabelEnum


class OrderStatus(LabelEnum):
    PENDING = "pending", "Being placed"
    PAYMENT_PENDING = "payment_pending", "Card authorized"
    PAYMENT_FAILED = "payment_failed", "Payment failed"
    PAID = "paid", "Paid"
    PROCESSING = "processing", "In preparation"
    SHIPPED = "shipped", "Shipped"
    DELIVERED = "delivered", "Delivered"
    RETURNED = "returned", "Returned"
    CANCELLED = "cancelled", "Cancelled"


_S = OrderStatus

ORDER_MOVES: Mapping[OrderStatus, frozenset[OrderStatus]] = {
    # Written, stock reserved, the provider has not answered yet.
    _S.PENDING: frozenset({_S.PAYMENT_PENDING, _S.PAYMENT_FAILED, _S.CANCELLED}),
    # Authorized (or on terms); capture outstanding. Processing: on terms, pickup, capture on shipment or by hand.
    _S.PAYMENT_PENDING: frozenset({_S.PAID, _S.PROCESSING, _S.PAYMENT_FAILED, _S.CANCELLED}),
    # Another card, or pay by link.
    _S.PAYMENT_FAILED: frozenset({_S.PENDING, _S.CANCELLED}),
    # Back again: a check that was recorded by mistake leaves a promise open.
    _S.PAID: frozenset({_S.PROCESSING, _S.CANCELLED, _S.PAYMENT_PENDING}),
    _S.PROCESSING: frozenset({_S.SHIPPED, _S.CANCELLED, _S.PAYMENT_FAILED}),
    _S.SHIPPED: frozenset({_S.DELIVERED, _S.RETURNED}),
    _S.DELIVERED: frozenset({_S.RETURNED}),
}

# The goods are out of the house, so they are owed for whatever the shop's rules say.
GONE_OUT = frozenset({_S.SHIPPED, _S.DELIVERED, _S.RETURNED})

# A buyer may still cancel by hand: nobody has begun to pack.
BUYER_CANCELLABLE = frozenset({_S.PENDING, _S.PAYMENT_PENDING, _S.PAYMENT_FAILED, _S.PAID})
