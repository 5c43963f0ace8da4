"""On a cluster of databases: whoever changed something sees it on the next page, whichever node serves that.

A browser that wrote carries a mark for a few seconds, and a request with the mark waits until its node has caught up.
So does every request that may write: it decides on what it reads. All others read what their node has, which is a few
milliseconds old, and wait for nothing. The mark says nothing and gives nothing away, so it needs no signature: who
forges it waits for their own pages.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, request

from app.settings import Settings
from app.shared.cluster import catch_up, has_committed, is_clustered

# Far longer than a node in service lags behind; one that lags longer is not ready (/readyz).
_SECONDS = 15
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def init_fresh_pages(app: Flask) -> None:
    """Nothing is done, and no cookie is set, without DATABASE_CLUSTER."""
    app.before_request(_catch_up)
    app.after_request(_mark)


def _catch_up() -> None:
    if request.method not in _READS or _name() in request.cookies:
        catch_up()


def _mark(response: Response) -> Response:
    if is_clustered() and has_committed():
        settings: Settings = current_app.extensions["settings"]
        response.set_cookie(
            _name(), "1", max_age=_SECONDS, secure=settings.is_https, httponly=True, samesite="Lax"
        )
    return response


def _name() -> str:
    # Beside the session's, and bound to the host in the same way.
    return f"{current_app.config['SESSION_COOKIE_NAME']}-wrote"
