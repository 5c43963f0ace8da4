"""What is counted as it happens: requests and looks into the cache."""

from __future__ import annotations

from app.metrics.tally import Counted

REQUESTS = Counted(
    "tradepost_requests", "Requests answered, by method, route and status.", ("method", "route", "status")
)
# 0.1 and 0.2 s are what a cart's fragment and a list may take at most (docs/watching.md).
SECONDS = Counted(
    "tradepost_request_seconds",
    "How long requests took, by route and class of status.",
    # The class alone (2xx to 5xx) tells slow errors apart, at a third of the series that whole statuses would be.
    ("route", "status_class"),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10.0),
)
# From the last byte of a request to the moment in which a thread took it; 1.5 s is BUSY_AFTER_MILLISECONDS.
WAITED = Counted(
    "tradepost_line_seconds",
    "How long requests stood in line before a thread took them.",
    (),
    buckets=(0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 1.5, 3.0, 6.0, 12.0),
)
SENT_AWAY = Counted(
    "tradepost_sent_away", "Requests answered with 503 because the line was too long, by kind.", ("kind",)
)
IN_PROGRESS = Counted("tradepost_requests_in_progress", "Requests a thread is at, this moment.", ())
CACHE = Counted(
    "tradepost_cache_looks",
    "Looks into the cache, by kind of answer and whether it was there.",
    ("kind", "result"),
)
