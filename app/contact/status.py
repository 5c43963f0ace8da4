"""Where a message stands, and what may follow."""

from __future__ import annotations

from collections.abc import Mapping

from app.shared.status import LabelEnum


class MessageStatus(LabelEnum):
    NEW = "new", "New"
    ASSIGNED = "assigned", "Assigned"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed"


_S = MessageStatus

MESSAGE_MOVES: Mapping[MessageStatus, frozenset[MessageStatus]] = {
    _S.NEW: frozenset({_S.ASSIGNED, _S.ANSWERED, _S.CLOSED}),
    _S.ASSIGNED: frozenset({_S.ASSIGNED, _S.ANSWERED, _S.CLOSED}),
    _S.ANSWERED: frozenset({_S.ASSIGNED, _S.ANSWERED, _S.CLOSED}),
    _S.CLOSED: frozenset({_S.ASSIGNED}),
}
