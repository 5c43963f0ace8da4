"""Rules about how visitors reach the shop: https, its certificate, and the proxies in front of it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from app.health_check.lines import Line, bad, good, warning

_AT_HOME = frozenset({"localhost", "127.0.0.1", "::1"})
# Certificates of Let's Encrypt are renewed 30 days before they end: at 14 something has failed for two weeks.
RENEW_DAYS = 14
_PROXIES = "Proxies in front"


@dataclass(frozen=True)
class Arrival:
    """How one request arrived, before any proxy was believed: `forwarded_for` counts the addresses in the header."""

    forwarded_for: int
    scheme: str
    host: str


def judge_https(site_url: str) -> Line:
    """The shop's own address as buyers type it."""
    parts = urlsplit(site_url)
    if parts.scheme == "https":
        return good("Shop's address", f"{site_url}: encrypted.")
    if parts.hostname in _AT_HOME:
        return warning(
            "Shop's address",
            f"{site_url}: good for trying only.",
            "Set SITE_URL to https://… before you open.",
        )
    return bad(
        "Shop's address",
        f"{site_url}: passwords and cards would travel open.",
        "Get a certificate (most hosts have one for nothing) and set SITE_URL to https://….",
    )


def judge_certificate(days_left: int | None, trouble: str) -> Line:
    """`days_left` of the certificate the shop's address shows; None with `trouble` where none could be read."""
    name = "Certificate"
    if trouble:
        return warning(
            name, f"Could not look: {trouble}.", "Open the shop in a browser and see whether it shows a lock."
        )
    if days_left is None or days_left < 0:
        return bad(
            name, "It is over, or not for this address.", "Renew it at your host or with `certbot renew`."
        )
    if days_left < RENEW_DAYS:
        return warning(
            name, f"It ends in {days_left} days.", "See why it was not renewed: `certbot renew --dry-run`."
        )
    return good(name, f"Good for {days_left} days.")


@dataclass(frozen=True)
class Visit:
    """What came of asking the shop's own address: how the question arrived, or where it was sent on to, or why not. With
    none of the three something answered that does not know this shop's key."""

    arrival: Arrival | None = None
    leads_to: str = ""
    trouble: str = ""


def judge_visit(trusted: int, site_url: str, visit: Visit) -> list[Line]:
    """Whether the address leads to this shop, and then what its proxies tell."""
    name = "Asked as a visitor"
    if visit.trouble:
        return [
            warning(
                name,
                f"{site_url} could not be asked from this machine: {visit.trouble}.",
                "Open it in a browser, from elsewhere. It works there? Then this machine does not reach itself by that "
                "name: look at the check in the back office instead, which judges the proxies, too.",
            )
        ]
    if visit.leads_to:
        return [
            bad(
                name,
                f"{site_url} sends visitors on to {visit.leads_to}.",
                "Set SITE_URL to the address visitors end at: links in mails and forms begin with it.",
            )
        ]
    if visit.arrival is None:
        return [
            bad(
                name,
                f"What answers at {site_url} is not this shop, or has another SECRET_KEY, or is an older release.",
                "See where the name and the web server lead, and restart the shop's processes.",
            )
        ]
    return [good(name, f"{site_url} leads here."), judge_proxies(trusted, site_url, visit.arrival)]


def judge_proxies(trusted: int, site_url: str, arrival: Arrival) -> Line:
    """Whether TRUSTED_PROXIES fits what this very request shows; `arrival.scheme` and `host` as the shop sees them."""
    found = arrival.forwarded_for
    if found and not trusted:
        return bad(
            _PROXIES,
            "One is there and not believed: all visitors look like one address and share one limit.",
            "Set TRUSTED_PROXIES to how many stand in front (nginx alone: 1) and restart.",
        )
    if found < trusted:
        return bad(
            _PROXIES,
            f"{trusted} are believed, but this request names {found}: a visitor could pose as any address.",
            "Set TRUSTED_PROXIES to how many stand in front, and let the proxy set X-Forwarded-For.",
        )
    return _judge_what_they_tell(trusted, site_url, arrival)


def _judge_what_they_tell(trusted: int, site_url: str, arrival: Arrival) -> Line:
    wanted = urlsplit(site_url)
    if arrival.scheme != wanted.scheme:
        return bad(
            _PROXIES,
            f"This request came as {arrival.scheme}, but the shop's address begins with {wanted.scheme}.",
            "Let the proxy set X-Forwarded-Proto, or correct SITE_URL.",
        )
    if arrival.host != wanted.netloc:
        return warning(
            _PROXIES,
            f"This request asked for {arrival.host}, but the shop's address is {wanted.netloc}.",
            "Let the proxy pass on Host, or send visitors from other names to the shop's own.",
        )
    return good(
        _PROXIES, f"{trusted} believed, as this request shows." if trusted else "None, and none believed."
    )
