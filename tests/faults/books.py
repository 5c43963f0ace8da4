"""Square's ledger against our tables, line by line. Pure: values in, findings out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

HOLDS_STOCK = frozenset({"pending", "payment_pending", "paid", "processing"})
GONE_OUT = frozenset({"shipped", "delivered", "returned"})
STANDS = frozenset({"paid", "processing"}) | GONE_OUT
GIVEN_UP = frozenset({"cancelled", "payment_failed"})
_AT_SQUARE = {
    "captured": {"COMPLETED"},
    "declined": {"FAILED"},
    # An attempt that was written off may be declined when it arrives after all.
    "voided": {"CANCELED", "FAILED"},
    "lapsed": {"CANCELED"},
}


@dataclass(frozen=True)
class OurOrder:
    """`lines` are units by sku id."""

    id: int
    number: str
    status: str
    total: int
    buyer: str
    lines: Mapping[int, int]


@dataclass(frozen=True)
class OurPayment:
    id: int
    order_id: int
    status: str
    amount: int
    key: str


@dataclass(frozen=True)
class OurRefund:
    payment_id: int
    provider_id: str | None
    status: str
    amount: int


@dataclass(frozen=True)
class OurStock:
    sku_id: int
    available: int
    reserved: int
    shipped: int
    received: int


@dataclass(frozen=True)
class OurBooks:
    """Our tables, what people were told, and every mail that arrived: (address, subject)."""

    orders: Sequence[OurOrder]
    payments: Sequence[OurPayment]
    refunds: Sequence[OurRefund]
    stock: Sequence[OurStock]
    staff_address: str = ""
    mails: frozenset[tuple[str, str]] = frozenset()
    told_placed: frozenset[str] = frozenset()
    told_cancelled: frozenset[str] = frozenset()


@dataclass
class Findings:
    """What may not be. `differences` are those that have no name of their own; `lines` says each in words."""

    double_charges: int = 0
    lost_orders: int = 0
    orphaned_holds: int = 0
    oversold_units: int = 0
    missing_mails: int = 0
    differences: int = 0
    lines: list[str] = field(default_factory=list)

    def add(self, name: str, words: str, count: int = 1) -> None:
        setattr(self, name, getattr(self, name) + count)
        self.lines.append(f"{name.replace('_', ' ')}: {words}")

    def counts(self) -> dict[str, int]:
        return {name: value for name, value in vars(self).items() if isinstance(value, int)}


def compare(ours: OurBooks, ledger: Mapping[str, Any]) -> Findings:
    """Everything that must hold once all is healed; `ledger` is what Square's control API gives."""
    found = Findings()
    by_order = _their_payments_by_order(ours, ledger["payments"], found)
    for order in ours.orders:
        _compare_order(order, by_order[order.id], found)
    _compare_refunds(ours, ledger, found)
    _compare_stock(ours, found)
    _compare_words(ours, found)
    _compare_mails(ours, found)
    return found


def _their_payments_by_order(
    ours: OurBooks, theirs: Iterable[Mapping[str, Any]], found: Findings
) -> dict[int, list[Mapping[str, Any]]]:
    by_key = {payment.key: payment for payment in ours.payments}
    by_order: dict[int, list[Mapping[str, Any]]] = defaultdict(list)
    seen: Counter[str] = Counter()
    for each in theirs:
        status, key = each["status"], each.get("reference_id", "")
        if status == "APPROVED":
            found.add("orphaned_holds", f"{each['id']} still holds {_amount(each)} ({key})")
        payment = by_key.get(key)
        if payment is None:
            if status == "COMPLETED":
                found.add(
                    "lost_orders", f"Square took {_amount(each)} for {key}, which no payment of ours is"
                )
            continue
        by_order[payment.order_id].append(each)
        seen[key] += status in {"COMPLETED", "APPROVED"}
        if status not in _AT_SQUARE.get(payment.status, set()):
            found.add("differences", f"payment {payment.id} is {payment.status} here and {status} at Square")
        if _amount(each) != payment.amount:
            found.add(
                "differences", f"payment {payment.id}: {payment.amount} here, {_amount(each)} at Square"
            )
    for payment in ours.payments:
        if payment.status == "captured" and not seen[payment.key]:
            found.add("differences", f"payment {payment.id} is captured here and unknown at Square")
        if payment.status not in _AT_SQUARE:
            found.add("differences", f"payment {payment.id} is {payment.status} still")
    return by_order


def _compare_order(order: OurOrder, theirs: Sequence[Mapping[str, Any]], found: Findings) -> None:
    taken = [each for each in theirs if each["status"] == "COMPLETED"]
    kept = sum(_amount(each) - int(each.get("refunded_money", {}).get("amount", 0)) for each in taken)
    told = f"order {order.number} ({order.status})"
    if order.status in STANDS:
        if not taken:
            found.add("lost_orders", f"{told} stands and was never paid")
        elif len(taken) > 1:
            found.add("double_charges", f"{told} was charged {len(taken)} times", len(taken) - 1)
    elif order.status in GIVEN_UP:
        if kept:
            found.add("double_charges", f"{told} is off and {kept} cents were kept")
    else:
        found.add("lost_orders", f"{told} never came to an end")


def _compare_refunds(ours: OurBooks, ledger: Mapping[str, Any], found: Findings) -> None:
    theirs = {each["id"]: each for each in ledger["refunds"]}
    known = {refund.provider_id for refund in ours.refunds}
    for refund in ours.refunds:
        their = theirs.get(refund.provider_id or "")
        is_same = their is not None and (their["status"].lower(), _amount(their)) == (
            refund.status,
            refund.amount,
        )
        never_sent = refund.provider_id is None and refund.status == "rejected"
        if not is_same and not never_sent:
            found.add(
                "differences",
                f"refund {refund.provider_id} of payment {refund.payment_id} is {refund.status}",
            )
    for stranger in theirs.keys() - known:
        found.add("differences", f"Square refunded {_amount(theirs[stranger])} that we do not know of")


def _compare_stock(ours: OurBooks, found: Findings) -> None:
    reserved: Counter[int] = Counter()
    shipped: Counter[int] = Counter()
    for order in ours.orders:
        if order.status in HOLDS_STOCK:
            reserved.update(order.lines)
        elif order.status in GONE_OUT:
            shipped.update(order.lines)
    for row in ours.stock:
        promised = reserved[row.sku_id] + shipped[row.sku_id]
        if promised > row.received:
            found.add("oversold_units", f"sku {row.sku_id}", promised - row.received)
        if row.available + row.reserved + row.shipped != row.received or row.available < 0:
            found.add("differences", f"stock of sku {row.sku_id} does not add up: {row}")
        if (row.reserved, row.shipped) != (reserved[row.sku_id], shipped[row.sku_id]):
            lines = f"{reserved[row.sku_id]} and {shipped[row.sku_id]}"
            found.add("differences", f"sku {row.sku_id}: the orders' lines say {lines}, the shelf {row}")


def _compare_words(ours: OurBooks, found: Findings) -> None:
    """What people were told must be true."""
    status = {order.number: order.status for order in ours.orders}
    for number in sorted(ours.told_placed - status.keys()):
        found.add("lost_orders", f"a buyer was told of order {number}, and there is none")
    for number in sorted(ours.told_cancelled):
        if status.get(number, "cancelled") != "cancelled":
            found.add(
                "differences", f"a buyer was told that {number} is cancelled, and it is {status[number]}"
            )


def _compare_mails(ours: OurBooks, found: Findings) -> None:
    last = {payment.order_id: payment.status for payment in sorted(ours.payments, key=lambda each: each.id)}
    arrived: dict[str, list[str]] = defaultdict(list)
    for to, subject in ours.mails:
        arrived[to].append(subject)
    for order in ours.orders:
        for address, beginning in _mails_of(order, last.get(order.id, ""), ours.staff_address):
            if not any(subject.startswith(beginning) for subject in arrived[address]):
                found.add("missing_mails", f"{beginning!r} to {address}")


def _mails_of(order: OurOrder, last_payment: str, staff: str) -> list[tuple[str, str]]:
    """To whom, and how the subject begins: the mails that an order of this end calls for."""
    if order.status in STANDS:
        return [
            (order.buyer, f"We have your order {order.number}"),
            (order.buyer, f"Receipt for order {order.number}:"),
            (staff, f"Paid order {order.number} "),
        ]
    if order.status == "cancelled":
        return [(order.buyer, f"Order {order.number} is cancelled")]
    if order.status == "payment_failed" and last_payment in {"voided", "lapsed"}:
        return [(order.buyer, f"Order {order.number}: we could not charge")]
    return []


def _amount(money_row: Mapping[str, Any]) -> int:
    return int((money_row.get("total_money") or money_row["amount_money"])["amount"])
