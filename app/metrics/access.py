"""Rules: who may read the figures. They tell how a business does, so nobody may unless told so."""

from __future__ import annotations

import hmac
from ipaddress import ip_address, ip_network


def may_read(token: str, networks: str, *, shown: str, address: str) -> bool:
    """Whether the header `shown` ("Bearer …") carries the token, or the visitor's address lies in one of the networks
    (with commas). An empty token or list lets nobody in."""
    return _shows_token(token, shown) or _is_near(networks, address)


def _shows_token(token: str, shown: str) -> bool:
    kind, _, given = shown.partition(" ")
    return (
        bool(token)
        and kind.lower() == "bearer"
        and hmac.compare_digest(given.strip().encode(), token.encode())
    )


def _is_near(networks: str, address: str) -> bool:
    try:
        visitor = ip_address(address)
    except ValueError:
        return False
    return any(visitor in ip_network(each) for each in networks.split(",") if each)
