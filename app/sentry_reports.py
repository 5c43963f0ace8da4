"""Reports bugs to Sentry, without anything private. The one module that speaks to sentry_sdk; loaded by name, where
SENTRY_DSN is set.

Nothing is collected by itself: no integrations, no breadcrumbs, no requests, no variables, no traces. What is sent is the
kind of the error, its scrubbed words, the lines of code it went through, and the tags of whoever reports it.
"""

from __future__ import annotations

import atexit
from typing import Any

from sentry_sdk import Client
from sentry_sdk.utils import event_from_exception

from app.backup.version import shop_version
from app.request_log import scrub_value, scrubbed
from app.settings import Settings

# A process that ends waits so long for what it still has to tell; a page never waits.
_FLUSH_SECONDS = 2
_LONGEST = 400
# Their words hold what was to be stored.
_DATABASE_MODULES = frozenset({"sqlalchemy", "pymysql", "MySQLdb", "sqlite3"})
# All that is let through: of an event, of an error in it, and of each frame.
_EVENT = frozenset(
    {"event_id", "timestamp", "level", "platform", "exception", "tags", "release", "environment", "sdk"}
)
_FRAME = frozenset(
    {"filename", "function", "module", "lineno", "context_line", "pre_context", "post_context", "in_app"}
)

# What speaks like Sentry need not know a newer way to pack.
_PLAIN: Any = {"transport_compression_algo": "gzip"}


class SentryReporter:
    """Sends a bug with its tags, in a thread of its own."""

    def __init__(self, settings: Settings):
        self._client: Any = Client(
            dsn=settings.sentry_dsn,
            release=f"tradepost@{shop_version()}",
            environment="production" if settings.is_https else "trial",
            server_name="",
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            traces_sample_rate=None,
            auto_session_tracking=False,
            send_client_reports=False,
            _experiments=_PLAIN,
            before_send=lambda event, _hint: cleaned(event),
        )
        atexit.register(self._client.close, timeout=_FLUSH_SECONDS)

    def report(self, error: BaseException, tags: dict[str, str], *, is_ending: bool) -> None:
        """`is_ending`: this process may end right after it, so a moment is spent on seeing it off."""
        event, hint = event_from_exception(error, client_options=self._client.options)
        self._client.capture_event({**event, "tags": tags}, hint)
        if is_ending:
            self._client.flush(timeout=_FLUSH_SECONDS)


def cleaned(event: Any) -> Any:
    """The event with only what is known to be harmless, every text scrubbed as the log's are."""
    kept = {key: value for key, value in event.items() if key in _EVENT}
    errors = kept.get("exception", {}).get("values", ())
    kept["exception"] = {"values": [_clean_error(each) for each in errors]}
    return scrub_value(kept)


def _clean_error(error: Any) -> Any:
    module = str(error.get("module") or "")
    is_database = module.partition(".")[0] in _DATABASE_MODULES
    frames = (error.get("stacktrace") or {}).get("frames", ())
    return {
        "type": error.get("type"),
        "module": module,
        # Scrubbed before it is cut, for half a card's number is no card's number any more.
        "value": "" if is_database else scrubbed(str(error.get("value") or ""))[:_LONGEST],
        "stacktrace": {
            "frames": [{key: value for key, value in frame.items() if key in _FRAME} for frame in frames]
        },
    }
