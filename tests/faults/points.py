"""Where a fault can strike, and how: every commit and every call of the money's way, and every process."""

from __future__ import annotations

from dataclasses import dataclass

# The transaction at each point, as `module:function`: the function that opens it is found on the stack at its commit.
COMMITS: dict[str, str] = {
    "place: write": "app.checkout.place_order:_write",
    "authorize: answer": "app.payments.authorize:_record_answer",
    "authorize: decline": "app.payments.authorize:_record_decline",
    "authorize: unknown": "app.payments.authorize:_record_unknown",
    "settle: ask": "app.payments.settle_payment:_ask",
    "settle: found": "app.payments.settle_payment:_record_found",
    "settle: absent": "app.payments.settle_payment:_record_absent",
    "settle: let go": "app.payments.settle_payment:_record_let_go",
    "capture: claim": "app.payments.capture_payment:_claim",
    "capture: record": "app.payments.capture_payment:_record",
    "capture: free": "app.payments.capture_payment:_free_claim",
    "void: claim": "app.payments.release_payment:_claim",
    "void: record": "app.payments.release_payment:_record",
    "void: free": "app.payments.release_payment:_free_claim",
    "refund: request": "app.payments.refund_payment:refund_payment",
    "refund: again": "app.payments.send_refund_again:send_refund_again",
    "refund: load": "app.payments.send_refund:_load_unsent",
    "refund: record": "app.payments.send_refund:_record",
    "refund: refused": "app.payments.send_refund:_record_refused",
    "cancel": "app.orders.cancel_order:cancel_own_order",
    "cancel by staff": "app.orders.cancel_order:cancel_order",
    "leave out": "app.payments.shorten_order:shorten_order",
    "pay by link": "app.pay.pay_order:_write",
    "receipt": "app.payments.record_receipt:_write",
    "promise: let go": "app.payments.release_promise:release_promise",
    "ship": "app.orders.fulfil_order:ship_order",
    "job: begin": "jobs.runner:_begin",
    "job: close": "jobs.runner:_close",
}

# The gateway's method at each point, and the call of Square that it makes.
CALLS: dict[str, tuple[str, str]] = {
    "call: authorize": ("authorize", "payments.create"),
    "call: find": ("find", "payments.list"),
    "call: cancel by key": ("cancel_by_key", "payments.cancel_by_idempotency_key"),
    "call: get": ("get", "payments.get"),
    "call: lower": ("lower", "payments.update"),
    "call: capture": ("capture", "payments.complete"),
    "call: void": ("void", "payments.cancel"),
    "call: refund": ("refund", "refunds.create"),
    "call: get refund": ("get_refund", "refunds.get"),
    "call: list refunds": ("list_refunds", "refunds.list"),
}

KILLED_BEFORE, KILLED_AFTER = "killed before", "killed after"
DEADLOCK, CUT_BEFORE, CUT_AFTER = "deadlock", "cut before", "cut after"
KILLS = (KILLED_BEFORE, KILLED_AFTER)
# SQLite has no wire that could be cut, and says "locked" where MariaDB says 1213.
AT_COMMITS = {"mariadb": (*KILLS, DEADLOCK, CUT_BEFORE, CUT_AFTER), "sqlite": (*KILLS, DEADLOCK)}

# What Square does instead of answering: the rule for its control API. After = it was done, and nobody is told so.
AT_SQUARE: dict[str, dict[str, object]] = {
    "500 before": {"kind": "500", "moment": "before"},
    "500 after": {"kind": "500", "moment": "after"},
    "503 before": {"kind": "503", "moment": "before"},
    "429": {"kind": "429", "moment": "before", "retry_after": 1},
    "reset before": {"kind": "reset", "moment": "before"},
    "answer lost": {"kind": "reset", "moment": "after"},
    "time-out before": {"kind": "no_answer", "moment": "before", "seconds": 2},
    "time-out after": {"kind": "no_answer", "moment": "after", "seconds": 2},
}

# The job workers that run side by side.
WORKERS = tuple(f"worker {number}" for number in range(1, 7))

# What is killed, wiped or gone for a while.
OUTSIDE = ("web worker", "web", "job worker", "square", "mail catcher")
OUTSIDE_OF_RQ = ("relay", "work-horse", "redis wiped", "redis", "database")


@dataclass(frozen=True, order=True)
class Fault:
    """One kind of fault at one point."""

    point: str
    kind: str

    def __str__(self) -> str:
        return f"{self.point}, {self.kind}"

    @classmethod
    def parse(cls, words: str) -> Fault:
        """From what `str` made of it."""
        point, kind = words.rsplit(", ", 1)
        return cls(point, kind)


def all_faults(mode: str) -> list[Fault]:
    """Everything that can go wrong in a world of this mode ("rq" or "embedded")."""
    database = "mariadb" if mode == "rq" else "sqlite"
    commits = [Fault(point, kind) for point in COMMITS for kind in AT_COMMITS[database]]
    calls = [Fault(point, kind) for point in CALLS for kind in (*KILLS, *AT_SQUARE)]
    processes = OUTSIDE + (OUTSIDE_OF_RQ if mode == "rq" else ())
    return [*commits, *calls, *(Fault(name, "gone") for name in processes)]


# Points that are reached only after something else went wrong, and what brings that about: a call and a rule for it.
FEEDERS: dict[str, list[tuple[str, str]]] = {
    "authorize: unknown": [("call: authorize", "answer lost"), ("call: authorize", "503 before")],
    "call: find": [("call: authorize", "answer lost"), ("call: authorize", "503 before")],
    "settle: found": [("call: authorize", "answer lost"), ("call: authorize", "500 after")],
    "settle: absent": [("call: authorize", "503 before"), ("call: authorize", "reset before")],
    "call: cancel by key": [("call: authorize", "503 before"), ("call: authorize", "reset before")],
    "settle: let go": [("call: authorize", "late")],
    "capture: free": [("call: capture", "503 before"), ("call: capture", "answer lost")],
    "call: get": [("call: capture", "answer lost")],
    "void: free": [("call: void", "503 before"), ("call: void", "answer lost")],
    "refund: refused": [("call: refund", "refused")],
    "refund: again": [("call: refund", "refused")],
    "call: list refunds": [("call: refund", "lost, then refused")],
}
# Points that a person at the desk must bring about, and what that person does for it.
AT_THE_DESK: dict[str, str] = {
    "refund: request": "refund",
    "refund: load": "refund",
    "refund: record": "refund",
    "refund: refused": "refund",
    "call: refund": "refund",
    "call: get refund": "refund",
    "call: list refunds": "refund",
    "refund: again": "refund again",
    "cancel by staff": "cancel",
    "promise: let go": "cancel a promise",
    "leave out": "leave out",
    "call: lower": "leave out and ship",
    "receipt": "receipt",
}
# No faults by themselves: a bank's plain no, and a slow request that lands when nobody waits for it any more: after the
# shop looked for it the first time (a second to time out, three until it looks) and before it looks again (six later).
_REFUSED = {"kind": "error", "category": "REFUND_ERROR", "code": "REFUND_DECLINED", "status": 400}
HELPING: dict[str, list[dict[str, object]]] = {
    "late": [{"kind": "latency", "moment": "before", "seconds": 9}],
    "refused": [_REFUSED],
    # The repeat, a second later, is what is refused (or, now and then, the first try of another refund).
    "lost, then refused": [{"kind": "reset", "moment": "after"}, _REFUSED],
}
