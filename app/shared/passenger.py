"""Passenger hands paths over percent-encoded, where WSGI wants them decoded."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import unquote_to_bytes
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment


class DecodedPaths:
    """The same application, with PATH_INFO as PEP 3333 has it: `/caf%c3%a9` becomes the bytes of `/café`.

    Seen with Passenger 6.0.17. A Passenger that decodes by itself is noticed by the address as it was asked for, so that
    nothing is decoded twice.
    """

    def __init__(self, application: WSGIApplication):
        self._application = application

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = unquote_to_bytes(environ.get("PATH_INFO", "").encode("latin-1"))
        mounted = unquote_to_bytes(environ.get("SCRIPT_NAME", "").encode("latin-1"))
        asked = environ.get("REQUEST_URI", "").partition("?")[0]
        if not asked.startswith("/") or mounted + path == unquote_to_bytes(asked.encode("latin-1")):
            environ["PATH_INFO"] = path.decode("latin-1")
        return self._application(environ, start_response)
