"""A cluster of databases (MariaDB Galera), where each process talks to one node: docs/scaling.md.

Two things differ from one server. What a node has confirmed reaches the others a moment later, so a read may be stale:
`catch_up`. And a lock is local to its node, so two nodes may hold "the" lock of a row at once: `Guarded`.
Without DATABASE_CLUSTER none of this runs, and no statement is added.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from app.extensions import db

_BEHIND = "may_be_behind"
_WROTE = "has_committed"
_LOCK_WAIT = 1205
# The wait is for one statement: the rest of the request reads what this one waited for, without waiting again.
_CATCH_UP = text("SET STATEMENT wsrep_sync_wait=1 FOR SELECT 1")


class NodeIsBehind(OperationalError):
    """The node has no majority, or lags so far behind that waiting for it came to its end (repl.causal_read_timeout).

    Galera's word for that is the one for a lock that was not let go (1205), which is tried again at once; this is not.
    """


class Guarded:
    """Mix-in for a row that is locked while something is decided from *other* rows: what is owed, who else is an owner.

    On a cluster `lock()` raises the guard, for Galera compares what two nodes wrote and never what they read or locked:
    of two that locked the same row, the one that commits second is told 1213 and runs again.
    """

    guard: Mapped[int] = mapped_column(default=0, server_default="0")


def is_clustered() -> bool:
    return bool(current_app.config.get("DATABASE_CLUSTER") == "galera")


def catch_up() -> None:
    """From here on this request or job reads whatever any node had confirmed before now. Costs one statement, sent with
    the next read; none where there is no cluster."""
    if not is_clustered():
        return
    session = db.session()
    if session.in_transaction():
        _wait(session.connection())
    else:
        session.info[_BEHIND] = True


@event.listens_for(Session, "after_begin")
def _catch_up_first(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if session.info.get(_BEHIND):
        _wait(connection)
        session.info.pop(_BEHIND)


def _wait(connection: Connection) -> None:
    try:
        connection.execute(_CATCH_UP)
    except OperationalError as error:
        if error.orig is None or error.orig.args[:1] != (_LOCK_WAIT,):
            raise
        raise NodeIsBehind(error.statement, error.params, error.orig) from error


@dataclass(frozen=True)
class Node:
    """How the node this process talks to stands in its cluster; `state` is Galera's own word."""

    state: str
    nodes: int

    @property
    def is_in_service(self) -> bool:
        """Neither without a majority, nor joining, nor busy with bringing another node up (then it lags or blocks)."""
        return self.state == "Synced"


def find_node() -> Node:
    """Ask the node itself; the one question that is answered without a majority, too. On one server: no state, no nodes."""
    rows = db.session.execute(
        text("SHOW STATUS WHERE Variable_name IN ('wsrep_local_state_comment', 'wsrep_cluster_size')")
    )
    told = {str(name): str(value) for name, value in rows}
    return Node(told.get("wsrep_local_state_comment", ""), int(told.get("wsrep_cluster_size", "0")))


def note_commit(session: Any) -> None:
    session.info[_WROTE] = True


def has_committed() -> bool:
    """Whether a use case of this request wrote something, so that the person's next page must show it."""
    return bool(db.session().info.get(_WROTE))
