"""What a person is told about a device they signed in on: enough to know it again, and no more. Pure."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

# In this order: every browser claims to be several others, the rarest name is the true one.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


def describe_device(user_agent: str) -> str:
    """ "Firefox on Windows", from what the browser says about itself; nothing of its text is repeated."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "A device we do not know"


def shorten_address(address: str) -> str:
    """ "203.0.113.7" → "203.0.113.x", "2001:db8:1:2::7" → "2001:db8:1::x"; "" for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    if isinstance(found, IPv6Address):
        groups = [f"{int(group, 16):x}" for group in found.exploded.split(":")[:3]]
        return ":".join(groups) + "::x"
    return str(found).rpartition(".")[0] + ".x"
