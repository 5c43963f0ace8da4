"""What is counted as it happens: requests and looks into the cache."""

from __future__ import annotations

from app.metrics.tally import Counted

REQUESTS = Counted(
    "tradepost_requests", "Requests answered, by method, route and status.", ("method", "route", "status")
)
# 0.1 and 0.2 s are what a cart's fragment and a list may take at most (docs/watching.md).
SECONDS = Counted(
    "tradepost_request_seconds",
    "How long requests took, by route.",
    ("route",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 10.0),
)
CACHE = Counted(
    "tradepost_cache_looks",
    "Looks into the cache, by kind of answer and whether it was there.",
    ("kind", "result"),
)
