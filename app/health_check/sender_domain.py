"""Rules about the DNS records by which other mail servers decide whether to believe the shop's mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.health_check.lines import Line, bad, good, warning

# RFC 2606 and 6761: names that belong to nobody.
_NOBODYS = ("example.com", "example.net", "example.org", "example", "test", "invalid", "localhost")
_WHERE = "Your domain's provider has a page for DNS records."


@dataclass(frozen=True)
class Records:
    """What the DNS says of a domain: its TXT texts, those of `_dmarc.`, its mail servers. None: could not look up."""

    domain: str
    texts: Sequence[str] | None
    dmarc_texts: Sequence[str] | None
    mail_servers: Sequence[str] | None


def is_nobodys(domain: str) -> bool:
    """Whether the domain is one for examples, or none at all: nothing to look up."""
    return (
        not domain
        or "." not in domain
        or any(domain == each or domain.endswith(f".{each}") for each in _NOBODYS)
    )


def judge_no_domain(domain: str) -> Line:
    """For a sender that no other server can know."""
    return warning(
        "Sender's domain",
        f"{domain or 'The sender'} is nobody's domain: good for trying only.",
        "Set MAIL_DEFAULT_SENDER to an address of your own domain.",
    )


def judge_records(records: Records) -> list[Line]:
    """SPF, DMARC and MX, a line each."""
    return [_judge_spf(records), _judge_dmarc(records), _judge_mail_servers(records)]


def _judge_spf(records: Records) -> Line:
    name = f"SPF of {records.domain}"
    if records.texts is None:
        return _could_not(name)
    found = [each for each in records.texts if each.lower().split(" ")[0] == "v=spf1"]
    if not found:
        return warning(
            name,
            "None: other servers may take the shop's mail for spam.",
            f"Add the TXT record your mail provider names, like v=spf1 include:… -all. {_WHERE}",
        )
    if len(found) > 1:
        return bad(
            name, "More than one, which counts as none (RFC 7208, 4.5).", f"Make them one record. {_WHERE}"
        )
    if "+all" in found[0].lower().split():
        return bad(name, "It ends in +all: anybody may send in your name.", f"End it in -all. {_WHERE}")
    return good(name, found[0])


def _judge_dmarc(records: Records) -> Line:
    name = f"DMARC of {records.domain}"
    if records.dmarc_texts is None:
        return _could_not(name)
    found = [each for each in records.dmarc_texts if each.lower().startswith("v=dmarc1")]
    if found:
        return good(name, found[0])
    return warning(
        name,
        "None: large providers ask for one.",
        f"Add a TXT record at _dmarc.{records.domain}, to begin with v=DMARC1; p=none. {_WHERE}",
    )


def _judge_mail_servers(records: Records) -> Line:
    name = f"Mail to {records.domain}"
    if records.mail_servers is None:
        return _could_not(name)
    if records.mail_servers:
        return good(name, f"Goes to {records.mail_servers[0]}.")
    return warning(
        name,
        "No mail server: what bounces, and what buyers answer, cannot arrive.",
        f"Add an MX record, or send from a domain that has one. {_WHERE}",
    )


def _could_not(name: str) -> Line:
    return warning(
        name,
        "Could not look it up from this machine.",
        "Look it up elsewhere, or check again when its DNS answers.",
    )
