"""The certificate of the shop's address, looked at from outside as a browser would."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from app.shared import clock

_SECONDS = 4
_HTTPS = 443


@dataclass(frozen=True)
class Seen:
    """`days_left` is None where nobody vouches for it: over, or not for this address. With `trouble` none could be seen."""

    days_left: int | None
    trouble: str = ""


def look_at_certificate(site_url: str) -> Seen | None:
    """What visitors are shown; None where the shop's address is not https. Waits for some seconds at most."""
    parts = urlsplit(site_url)
    if parts.scheme != "https" or not parts.hostname:
        return None
    try:
        ends = _certificate_end(parts.hostname, parts.port or _HTTPS)
    except ssl.SSLCertVerificationError:
        return Seen(None)
    except OSError as error:
        return Seen(None, f"no answer ({type(error).__name__})")
    return Seen((ends - clock.now()).days)


def _certificate_end(host: str, port: int) -> datetime:
    with (
        socket.create_connection((host, port), timeout=_SECONDS) as plain,
        ssl.create_default_context().wrap_socket(plain, server_hostname=host) as secure,
    ):
        found: Any = secure.getpeercert() or {}
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(str(found["notAfter"])), UTC)
