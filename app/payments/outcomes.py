"""Under what name a question to the provider is kept where it brought no facts. Pure."""

from __future__ import annotations

from app.payments.gateway import Declined, NotThere, OutcomeUnknown
from app.payments.guarded_gateway import CROWDED, LEFT_ALONE, ProviderLeftAlone

# Nobody knows what became of it: the only outcome that is an error. A "no", also a "failed" that is read later, is an
# answer, and the buyer's own matter.
NO_ANSWER = "unknown"
# The breaker was open, or too many were waiting: the provider never heard of it.
NOT_ASKED = "not_asked"
_NOT_THERE = "not_there"


def outcome_of(trouble: Declined | OutcomeUnknown) -> str:
    """ "declined", "unknown", "not_there", or "not_asked"."""
    if isinstance(trouble, Declined):
        return NOT_ASKED if trouble.code in {LEFT_ALONE, CROWDED} else "declined"
    if isinstance(trouble, ProviderLeftAlone):
        return NOT_ASKED
    return _NOT_THERE if isinstance(trouble, NotThere) else NO_ANSWER
