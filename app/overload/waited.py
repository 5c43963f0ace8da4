"""How long a request has stood in line before a thread took it, by whatever the server in front lets us know."""

from __future__ import annotations

import re
import socket
import struct
from collections.abc import Mapping
from typing import Any

# "t=1700000000.123" (nginx, seconds), "t=1700000000123456" (Apache, microseconds), "1700000000123" (others, milliseconds).
_STARTED = re.compile(r"(?:t=)?(\d{10,17})(\.\d{1,6})?")
# More than any proxy lets a request wait: then its clock is not ours, and says nothing.
_MOST_SECONDS = 120.0
# struct tcp_info of linux/tcp.h: eight single bytes, then 32-bit numbers; the twelfth of them is tcpi_last_data_recv,
# milliseconds since the last data arrived.
_LAST_DATA_AT = 52
_LAST_DATA = struct.Struct("I")
# The names gunicorn and Werkzeug have for it; TCP_INFO is Linux's.
_SOCKETS = ("gunicorn.socket", "werkzeug.socket")
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_TCP_FAMILIES = frozenset({socket.AF_INET, socket.AF_INET6})


def seconds_waited(environ: Mapping[str, Any], now: float) -> float:
    """Seconds; 0 where nobody knows. `now`: seconds since 1970.

    Asked are the proxy (the header X-Request-Start), mod_wsgi, and the connection itself: the kernel knows when its last
    byte came, so gunicorn without a proxy counts from the visitor's last packet. The longest of them counts. A visitor who
    makes up the header is believed too, for it can but send him away himself.
    """
    told = (
        _since(str(environ.get("HTTP_X_REQUEST_START", "")), now),
        _since(str(environ.get("mod_wsgi.request_start", "")), now),
        _since_last_data(next((environ[name] for name in _SOCKETS if name in environ), None)),
    )
    return max(told)


def _since(started: str, now: float) -> float:
    found = _STARTED.fullmatch(started.strip())
    if found is None:
        return 0.0
    whole = int(found[1])
    unit = 1_000_000 if len(found[1]) > 13 else 1_000 if len(found[1]) > 10 else 1
    waited = now - whole / unit - float(found[2] or 0)
    return waited if 0 < waited < _MOST_SECONDS else 0.0


def _since_last_data(connection: Any) -> float:
    """Of a TCP connection on Linux; 0 for any other, like a proxy's over a file's name, which sends the header."""
    if _TCP_INFO is None or getattr(connection, "family", None) not in _TCP_FAMILIES:
        return 0.0
    try:
        known = connection.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _LAST_DATA_AT + _LAST_DATA.size)
    except OSError:
        return 0.0
    if len(known) < _LAST_DATA_AT + _LAST_DATA.size:
        return 0.0
    milliseconds: int = _LAST_DATA.unpack_from(known, _LAST_DATA_AT)[0]
    return milliseconds / 1000
