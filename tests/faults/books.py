"""Square's ledger against our tables, line by line. Pure: values in, findings out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

HOLDS_STOCK = frozenset({"pending", "payment_pending", "paid", "processing"})
GONE_OUT = frozenset({"shipped", "delivered", "returned"})
STANDS = frozenset({"paid", "processing"}) | GONE_OUT
# On a promise an order stands before anything is paid.
STANDS_ON_A_PROMISE = STANDS | {"payment_pending"}
GIVEN_UP = frozenset({"cancelled", "payment_failed"})
PROMISES = frozenset({"terms", "on_pickup"})
RECEIPTS = frozenset({"check", "ach", "cash"})
GAVE_NOTHING_BACK = frozenset({"rejected", "failed"})
# Their orders have a mail of their own, which says that the money comes back.
TOLD_OTHERWISE = frozenset({"cancelled", "shortened"})
LEFT_ALONE = "CARD_SERVICE_DOWN"
_AT_SQUARE = {
    "captured": {"COMPLETED"},
    "declined": {"FAILED"},
    # An attempt that was written off may be declined when it arrives after all.
    "voided": {"CANCELED", "FAILED"},
    "lapsed": {"CANCELED"},
}


@dataclass(frozen=True)
class OurOrder:
    """`lines` are the units that stand, by sku id; `is_short`: fewer than were ordered. `invoice` is its number, or ""."""

    id: int
    number: str
    status: str
    total: int
    buyer: str
    lines: Mapping[int, int]
    is_promise: bool = False
    is_short: bool = False
    invoice: str = ""


@dataclass(frozen=True)
class OurPayment:
    """`provider` is Square, a promise or a receipt; `code` is why a card was declined; `made_at` is in seconds."""

    id: int
    order_id: int
    status: str
    amount: int
    key: str
    provider: str = "square"
    code: str = ""
    made_at: float = 0.0


@dataclass(frozen=True)
class OurRefund:
    """`given_by`: by whose hand, where the provider was not asked."""

    payment_id: int
    provider_id: str | None
    status: str
    amount: int
    kind: str = "whole"
    given_by: str = ""


@dataclass(frozen=True)
class OurStock:
    sku_id: int
    available: int
    reserved: int
    shipped: int
    received: int


@dataclass(frozen=True)
class OurBooks:
    """Our tables, what people were told, and every mail that arrived: (address, subject). `told_links`: when staff last sent
    a link to pay an order, by its number."""

    orders: Sequence[OurOrder]
    payments: Sequence[OurPayment]
    refunds: Sequence[OurRefund]
    stock: Sequence[OurStock]
    staff_address: str = ""
    mails: Sequence[tuple[str, str]] = ()
    told_placed: frozenset[str] = frozenset()
    told_cancelled: frozenset[str] = frozenset()
    told_links: Mapping[str, float] = field(default_factory=dict)


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


class _Filed:
    """Our payments by order and our refunds by payment, oldest first."""

    def __init__(self, ours: OurBooks):
        self._payments: dict[int, list[OurPayment]] = defaultdict(list)
        self._refunds: dict[int, list[OurRefund]] = defaultdict(list)
        for payment in sorted(ours.payments, key=lambda each: each.id):
            self._payments[payment.order_id].append(payment)
        for refund in ours.refunds:
            self._refunds[refund.payment_id].append(refund)

    def payments(self, order: OurOrder) -> list[OurPayment]:
        return self._payments[order.id]

    def refunds(self, payment: OurPayment) -> list[OurRefund]:
        return self._refunds[payment.id]

    def gone_back(self, payment: OurPayment) -> list[OurRefund]:
        """Those that gave something back, or may have."""
        return [each for each in self.refunds(payment) if each.status not in GAVE_NOTHING_BACK]


def compare(ours: OurBooks, ledger: Mapping[str, Any]) -> Findings:
    """Everything that must hold once all is healed; `ledger` is what Square's control API gives."""
    found = Findings()
    filed = _Filed(ours)
    by_order = _their_payments_by_order(ours, ledger["payments"], found)
    for order in ours.orders:
        _compare_order(order, filed, by_order[order.id], found)
    _compare_refunds(ours, ledger, found)
    _compare_stock(ours, found)
    _compare_words(ours, found)
    _compare_mails(ours, filed, found)
    return found


def _their_payments_by_order(
    ours: OurBooks, theirs: Iterable[Mapping[str, Any]], found: Findings
) -> dict[int, list[Mapping[str, Any]]]:
    by_key = {payment.key: payment for payment in ours.payments if payment.provider == "square"}
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
    for payment in by_key.values():
        if payment.status == "captured" and not seen[payment.key]:
            found.add("differences", f"payment {payment.id} is captured here and unknown at Square")
        if payment.status not in _AT_SQUARE:
            found.add("differences", f"payment {payment.id} is {payment.status} still")
    return by_order


def _compare_order(
    order: OurOrder, filed: _Filed, theirs: Sequence[Mapping[str, Any]], found: Findings
) -> None:
    taken = [each for each in theirs if each["status"] == "COMPLETED"]
    kept = sum(_amount(each) - int(each.get("refunded_money", {}).get("amount", 0)) for each in taken)
    told = f"order {order.number} ({order.status})"
    if order.is_promise and order.status in STANDS_ON_A_PROMISE:
        _compare_promise(order, filed, sum(_amount(each) for each in taken), found)
    elif order.status in STANDS:
        if not taken:
            found.add("lost_orders", f"{told} stands and was never paid")
        elif len(taken) > 1:
            found.add("double_charges", f"{told} was charged {len(taken)} times", len(taken) - 1)
        else:
            _compare_amount(order, filed, _amount(taken[0]), found)
    elif order.status in GIVEN_UP:
        kept += _kept_by_hand(order, filed)
        if kept:
            found.add("double_charges", f"{told} is off and {kept} cents were kept")
        if any(each.provider in PROMISES and each.status == "authorized" for each in filed.payments(order)):
            found.add("differences", f"{told} is off and its promise stands")
    else:
        found.add("lost_orders", f"{told} never came to an end")


def _compare_amount(order: OurOrder, filed: _Filed, taken: int, found: Findings) -> None:
    """What a card paid is the order's total; above it only for what could not ship after that, and that went back."""
    above = taken - order.total
    refunds = [each for payment in filed.payments(order) for each in filed.gone_back(payment)]
    for_short = sum(each.amount for each in refunds if each.kind == "shortened")
    if above < 0 or for_short > above or sum(each.amount for each in refunds) < above:
        found.add(
            "differences",
            f"order {order.number} comes to {order.total}, {taken} were taken, {for_short} of what cannot ship went back",
        )


def _compare_promise(order: OurOrder, filed: _Filed, by_card: int, found: Findings) -> None:
    """What an order on a promise owes is never below nothing, and the promise is kept exactly when nothing is owed."""
    payments = filed.payments(order)
    promises = [each for each in payments if each.provider in PROMISES]
    money = [each for each in payments if each.provider not in PROMISES]
    received = by_card + sum(each.amount for each in money if _is_receipt(each))
    credit = sum(each.amount for payment in promises for each in filed.gone_back(payment))
    for_short = sum(
        each.amount for payment in money for each in filed.gone_back(payment) if each.kind == "shortened"
    )
    owed = order.total - received - credit + for_short
    told = f"order {order.number} ({order.status}, on a promise)"
    if owed < 0:
        found.add("double_charges", f"{told} was paid {-owed} cents too much")
    if [each.status for each in promises] != ["captured" if owed <= 0 else "authorized"]:
        statuses = ", ".join(each.status for each in promises)
        found.add("differences", f"{told} owes {owed}, and its promise is {statuses or 'not there'}")


def _is_receipt(payment: OurPayment) -> bool:
    return payment.provider in RECEIPTS and payment.status == "captured"


def _kept_by_hand(order: OurOrder, filed: _Filed) -> int:
    receipts = [each for each in filed.payments(order) if _is_receipt(each)]
    given_back = sum(each.amount for payment in receipts for each in filed.gone_back(payment))
    return sum(each.amount for each in receipts) - given_back


def _compare_refunds(ours: OurBooks, ledger: Mapping[str, Any], found: Findings) -> None:
    theirs = {each["id"]: each for each in ledger["refunds"]}
    at_square = {payment.id for payment in ours.payments if payment.provider == "square"}
    sent = [each for each in ours.refunds if each.payment_id in at_square and not each.given_by]
    known = {refund.provider_id for refund in sent}
    for refund in sent:
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


def _compare_mails(ours: OurBooks, filed: _Filed, found: Findings) -> None:
    """Each mail that belongs arrived, and of those that begin alike (two refunds of one amount) as many as there are."""
    arrived: dict[str, list[str]] = defaultdict(list)
    for to, subject in ours.mails:
        arrived[to].append(subject)
    wanted = Counter(mail for order in ours.orders for mail in _mails_of(order, filed, ours))
    for (address, beginning), count in wanted.items():
        came = sum(subject.startswith(beginning) for subject in arrived[address])
        if came < count:
            found.add("missing_mails", f"{beginning!r} to {address}", count - came)


def _mails_of(order: OurOrder, filed: _Filed, ours: OurBooks) -> list[tuple[str, str]]:
    """To whom, and how the subject begins: the mails that an order of this end calls for, and its refunds."""
    payments = filed.payments(order)
    mails = [
        (order.buyer, words) for payment in payments for words in _refund_mails(order, filed.refunds(payment))
    ]
    mails += [
        (order.buyer, f"We received {_dollars(each.amount)} for order {order.number}")
        for each in payments
        if _is_receipt(each)
    ]
    if order.status == "cancelled":
        return [*mails, (order.buyer, f"Order {order.number} is cancelled")]
    if order.is_short:
        mails.append((order.buyer, f"Order {order.number}: some of it cannot be shipped"))
    if order.invoice:
        mails.append((order.buyer, f"Invoice {order.invoice} for order {order.number}:"))
    if order.status == "payment_failed":
        return [*mails, *_mails_of_failure(order, payments, ours)]
    if order.status in (STANDS_ON_A_PROMISE if order.is_promise else STANDS):
        notice = (
            f"Order (Net 30 on account) {order.number} "
            if order.is_promise
            else f"Paid order {order.number} "
        )
        mails += [(order.buyer, f"We have your order {order.number}"), (ours.staff_address, notice)]
    if order.status in STANDS_ON_A_PROMISE:
        was_charged = any(each.provider == "square" and each.status == "captured" for each in payments)
        mails += [(order.buyer, f"Receipt for order {order.number}:")] * was_charged
    return mails


def _refund_mails(order: OurOrder, refunds: Iterable[OurRefund]) -> list[str]:
    """For each refund that arrived, unless the mail about its order says that the money comes back. One that was refused
    has none: staff see it, and the buyer gets the mail of the one that is sent in its place."""
    return [
        f"Refund of {_dollars(each.amount)} for order {order.number}"
        for each in refunds
        if each.status == "completed" and (each.given_by or each.kind not in TOLD_OTHERWISE)
    ]


def _mails_of_failure(
    order: OurOrder, payments: Sequence[OurPayment], ours: OurBooks
) -> list[tuple[str, str]]:
    """Why, with the link that pays it; the order that was written down without asking a card; the link staff sent, unless
    somebody tried to pay after that: while a card is being asked no link is needed."""
    mails = []
    last = payments[-1] if payments else None
    if last is None or last.code == LEFT_ALONE:
        mails.append((order.buyer, f"Order {order.number} is written down"))
    elif last.status in {"voided", "lapsed"}:
        mails.append((order.buyer, f"Order {order.number}: we could not charge"))
    asked_at = ours.told_links.get(order.number)
    if asked_at is not None and all(each.made_at < asked_at for each in payments):
        mails.append((order.buyer, f"Order {order.number}: the link to pay it by card"))
    return mails


def _dollars(cents: int) -> str:
    return f"${cents // 100:,}.{cents % 100:02}"


def _amount(money_row: Mapping[str, Any]) -> int:
    return int((money_row.get("total_money") or money_row["amount_money"])["amount"])
