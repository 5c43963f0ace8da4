"""Rules about the mail server: what its answers to a handshake mean. No mail is sent for this."""

from __future__ import annotations

from dataclasses import dataclass

from app.health_check.lines import Line, bad, good, warning
from app.shared.status import LabelEnum

_NAME = "Mail server"


class Step(LabelEnum):
    """How far the handshake came."""

    CONNECT = "connect", "Connecting"
    HELLO = "hello", "Greeting (EHLO)"
    ENCRYPT = "encrypt", "Encrypting (STARTTLS)"
    SIGN_IN = "sign_in", "Signing in"
    DONE = "done", "Done"


@dataclass(frozen=True)
class MailHandshake:
    """What came of it: the last step tried, the server's words where that failed, and whether it was encrypted.

    `is_distrusted`: it broke off over the certificate."""

    server: str
    port: int
    step: Step
    trouble: str = ""
    is_encrypted: bool = False
    offers_encryption: bool = False
    signs_in: bool = False
    is_distrusted: bool = False

    @property
    def is_own_machine(self) -> bool:
        return self.server in {"localhost", "127.0.0.1", "::1"}


_FIXES = {
    Step.CONNECT: "Check MAIL_SERVER and MAIL_PORT; many hosts let out 587 and block 25.",
    Step.HELLO: "Check MAIL_PORT: 465 is encrypted from the first byte, 587 and 25 are not.",
    Step.ENCRYPT: "Set MAIL_USE_TLS to false if the server has no STARTTLS, or MAIL_PORT to 465.",
    Step.SIGN_IN: "Check MAIL_USERNAME and MAIL_PASSWORD; some providers want a password made for this app alone.",
}


def judge_mail_server(found: MailHandshake) -> Line:
    """One line on the handshake with the mail server."""
    where = f"{found.server}:{found.port}"
    if found.is_distrusted:
        return bad(
            _NAME,
            f"Nobody vouches for the certificate of {where}, or it is for another name: no mail leaves, and no password "
            "was sent.",
            "Set MAIL_SERVER to the name its certificate is for (your host knows it). A server of your own may be taken "
            "as it is with MAIL_VERIFY_CERTIFICATE = false.",
        )
    if found.step is not Step.DONE:
        return bad(_NAME, f"{found.step.label} failed at {where}: {found.trouble}", _FIXES[found.step])
    if found.signs_in and not found.is_encrypted and not found.is_own_machine:
        return bad(
            _NAME,
            f"{where} takes mail, but the password travels open.",
            "Set MAIL_USE_TLS = true (mostly with MAIL_PORT = 587).",
        )
    if found.offers_encryption and not found.is_encrypted and not found.is_own_machine:
        return warning(
            _NAME, f"{where} takes mail, unencrypted.", "It offers STARTTLS: set MAIL_USE_TLS = true."
        )
    encrypted = ", encrypted" if found.is_encrypted else ""
    return good(_NAME, f"{where} takes mail{encrypted}{', signed in' if found.signs_in else ''}.")
