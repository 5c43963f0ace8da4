"""To staff: an order is paid, or stands on a promise, and can be prepared."""

from __future__ import annotations

from app.mail.message import Frame, Message, write
from app.mail.order_facts import OrderFacts


def order_notice(frame: Frame, *, order: OrderFacts, order_id: int) -> Message:
    return write(
        frame,
        "order_notice",
        to=frame.shop.staff_email,
        subject=f"{_kind(order)} {order.number} from {order.business_name}: {order.total}",
        order=order,
        link=frame.link(f"/admin/orders/details/?id={order_id}"),
    )


def _kind(order: OrderFacts) -> str:
    return f"Order ({order.promise})" if order.promise else "Paid order"
