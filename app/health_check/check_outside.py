"""Every check that asks somebody outside, each with a short time-out and with no transaction open: mail, DNS, Square, S3."""

from __future__ import annotations

import importlib
import smtplib
import ssl
from contextlib import suppress
from dataclasses import replace
from email.utils import parseaddr
from typing import Any

from app.extensions import db
from app.health_check import addresses, mail_server, sender_domain, square_keys, work
from app.health_check.bucket import check_bucket
from app.health_check.certificate import look_at_certificate
from app.health_check.lines import Line
from app.health_check.mail_server import MailHandshake, Step
from app.health_check.sender_domain import Records
from app.mail.send import tls_context
from app.payments.gateway import KeysRefused, OutcomeUnknown
from app.payments.providers import list_places
from app.settings import Settings
from app.shared import clock

# Together they must not hold a web process for longer than a slow page.
_SECONDS = 4
_IMPLICIT_TLS_PORT = 465


def check_outside(settings: Settings) -> list[Line]:
    """A line or more for the certificate, the mail server, the sender's domain, Square and a bucket. Takes some 30 seconds at most."""
    db.session.rollback()  # whatever was read before must not stay open while others are asked
    return [
        *check_certificate(settings.site_url),
        mail_server.judge_mail_server(shake_hands(settings)),
        *check_sender(settings.mail_default_sender),
        *check_square(settings),
        *check_bucket(settings),
    ]


def check_certificate(site_url: str) -> list[Line]:
    """The certificate that visitors are shown; nothing where the shop's address is not https."""
    seen = look_at_certificate(site_url)
    return [] if seen is None else [addresses.judge_certificate(seen.days_left, seen.trouble)]


def shake_hands(settings: Settings) -> MailHandshake:
    """Connect, greet, encrypt and sign in as a mail would, and say goodbye before one is sent."""
    met = MailHandshake(settings.mail_server, settings.mail_port, Step.CONNECT)
    try:
        host = _connect(settings)
    except (smtplib.SMTPException, OSError) as error:
        return replace(met, trouble=_words(error), is_distrusted=_is_distrusted(error))
    try:
        return _talk(host, settings, met)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            host.quit()


def _connect(settings: Settings) -> smtplib.SMTP:
    """With the same look at the certificate as mails get: a password must not go to whoever stands between."""
    server, port = settings.mail_server, settings.mail_port
    if port == _IMPLICIT_TLS_PORT:
        return smtplib.SMTP_SSL(server, port, timeout=_SECONDS, context=tls_context(settings))
    return smtplib.SMTP(server, port, timeout=_SECONDS)


def _is_distrusted(error: Exception) -> bool:
    return isinstance(error, ssl.SSLCertVerificationError)


def _talk(host: smtplib.SMTP, settings: Settings, met: MailHandshake) -> MailHandshake:
    step = Step.HELLO
    try:
        host.ehlo_or_helo_if_needed()
        met = replace(
            met,
            offers_encryption=host.has_extn("starttls"),
            is_encrypted=isinstance(host, smtplib.SMTP_SSL),
        )
        if settings.mail_use_tls and not met.is_encrypted:
            step = Step.ENCRYPT
            host.starttls(context=tls_context(settings))
            met = replace(met, is_encrypted=True)
        if settings.mail_username and settings.mail_password:
            step = Step.SIGN_IN
            host.login(settings.mail_username, settings.mail_password)
            met = replace(met, signs_in=True)
    except (smtplib.SMTPException, OSError) as error:
        return replace(met, step=step, trouble=_words(error), is_distrusted=_is_distrusted(error))
    return replace(met, step=Step.DONE)


def _words(error: Exception) -> str:
    """What went wrong, without the server's own words: they may repeat a user name."""
    code = getattr(error, "smtp_code", None)
    return f"it answered {code}." if code else f"no usable answer ({type(error).__name__})."


def check_sender(sender: str) -> list[Line]:
    """SPF, DMARC and MX of the domain the shop's mail comes from."""
    domain = parseaddr(sender)[1].rpartition("@")[2].lower()
    if sender_domain.is_nobodys(domain):
        return [sender_domain.judge_no_domain(domain)]
    return sender_domain.judge_records(look_up(domain))


def look_up(domain: str, resolver: Any = None) -> Records:
    """The domain's records, asked of this machine's name servers unless another resolver is given.

    dnspython is loaded here and not on the way to a page.
    """
    dns = importlib.import_module("dns.resolver")
    try:
        asked = resolver or _hasty_resolver(dns)
    except dns.NoResolverConfiguration:
        return Records(domain, None, None, None)
    return Records(
        domain,
        texts=_ask_dns(dns, asked, domain, "TXT"),
        dmarc_texts=_ask_dns(dns, asked, f"_dmarc.{domain}", "TXT"),
        mail_servers=_ask_dns(dns, asked, domain, "MX"),
    )


def _hasty_resolver(dns: Any) -> Any:
    made = dns.Resolver()
    made.lifetime = _SECONDS
    return made


def _ask_dns(dns: Any, resolver: Any, name: str, kind: str) -> list[str] | None:
    """The texts or names of these records, the first choice first; None where no answer came."""
    try:
        answer = resolver.resolve(name, kind)
    except (dns.NXDOMAIN, dns.NoAnswer):
        return []
    except (importlib.import_module("dns.exception").DNSException, OSError):
        return None
    if kind == "MX":
        return [str(each.exchange).rstrip(".") for each in sorted(answer, key=lambda each: each.preference)]
    return [b"".join(each.strings).decode(errors="replace") for each in answer]


def check_square(settings: Settings) -> list[Line]:
    """Whether the token is taken, whether the location is one of its own, whether its news are, and what time it is there."""
    keys = square_keys.SquareKeys(
        settings.square_base_url, settings.square_application_id, settings.square_location_id
    )
    events = square_keys.judge_events(
        settings.site_url, settings.square_webhook_url, has_key=bool(settings.square_webhook_signature_key)
    )
    hasty = replace(settings, square_timeout_seconds=min(_SECONDS, settings.square_timeout_seconds))
    try:
        found = list_places(hasty)
    except KeysRefused:
        lines = square_keys.judge_square(keys, square_keys.SquareSaid(is_refused=True))
        return [*lines, events, work.judge_no_clock("Square", "it does not take the token")]
    except OutcomeUnknown as unknown:
        lines = square_keys.judge_square(keys, square_keys.SquareSaid(trouble=unknown.cause))
        return [*lines, events, work.judge_no_clock("Square", unknown.cause)]
    lines = square_keys.judge_square(keys, square_keys.SquareSaid(places=found.places))
    if found.time_there is None:
        return [*lines, events, work.judge_no_clock("Square", "it named no time")]
    return [*lines, events, work.judge_clock("Square", clock.now() - found.time_there)]
