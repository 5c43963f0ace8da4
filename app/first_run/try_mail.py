"""Send a mail the way the shop will, and say in words what the mail server made of it."""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import replace
from pathlib import Path

from app.first_run.draft import Answers, Draft
from app.first_run.outcome import Outcome, bad, good
from app.first_run.planned import build_settings, open_shop_of, settings_of
from app.mail.message import Message
from app.mail.send import MailNotSent, send
from app.settings import Settings

_SECONDS = 8
# What the trial needs none of, and a shop cannot start without.
_NOT_ASKED_YET = {
    "SITE_URL": "https://shop.invalid",
    "SQUARE_ACCESS_TOKEN": "none",
    "SQUARE_LOCATION_ID": "none",
    "MAIL_DEFAULT_SENDER": "shop@shop.invalid",
}
_SUBJECT = "Your shop can send mail"
_TEXT = (
    "This mail was sent by the set-up of your shop. It arrived, so buyers and you will get the shop's mail.\n"
)


def settings_for_trial(draft: Draft, instance: Path) -> Settings:
    """Settings as far as they are answered; the database is an empty one in memory."""
    values = settings_of(draft, instance)
    missing = {name: value for name, value in _NOT_ASKED_YET.items() if not values[name]}
    settings = build_settings({**values, **missing}, instance)
    return replace(
        settings,
        database_url="sqlite://",
        smtp_timeout_seconds=_SECONDS,
        square_timeout_seconds=_SECONDS,
    )


def try_mail(draft: Draft, instance: Path) -> Outcome:
    """Send one mail to the address given, or to the sender where none is."""
    answers = draft.step("mail")
    to = answers.get("try_to") or answers["sender"]
    with open_shop_of(settings_for_trial(draft, instance)):
        try:
            send(Message(_SUBJECT, to, _TEXT, f"<p>{_TEXT}</p>"), shop_name="")
        except MailNotSent as error:
            return bad(_in_words(error.__cause__ or error, answers))
    return good(f"The mail server took a mail to {to}. Look whether it arrives, in the spam folder, too.")


def _in_words(error: BaseException, answers: Answers) -> str:  # noqa: PLR0911 - a table of causes
    server, port = answers["server"], answers["port"]
    match error:
        case smtplib.SMTPAuthenticationError():
            return "The mail server does not accept this user and password. The user is mostly the whole e-mail address."
        case smtplib.SMTPNotSupportedError() if "AUTH" in str(error):
            return f"{server} asks for no user and password on port {port}. Leave both empty, or try port 587 or 465."
        case smtplib.SMTPNotSupportedError():
            return f"{server} offers no encryption on port {port}. Try port 465, or take the tick at STARTTLS away."
        case smtplib.SMTPSenderRefused() | smtplib.SMTPRecipientsRefused() | smtplib.SMTPDataError():
            said = _said(error)
            return (
                f"The mail server would not take the mail{said}. Many take mail only from an address of their own, with "
                "a user and a password."
            )
        case ssl.SSLCertVerificationError():
            return f"The certificate of {server} is for another name. Enter the name your host gives for the mail server."
        case ssl.SSLError():
            return f"{server} does not speak this kind of encryption on port {port}. Port 587 goes with STARTTLS, 465 without."
        case socket.gaierror():
            return f"There is no server called {server}. Copy its name from your host's panel (E-mail Accounts, Connect Devices)."
        case TimeoutError():
            return f"{server} did not answer on port {port} within {_SECONDS} seconds. Try port 587 or 465."
        case ConnectionRefusedError():
            return f"{server} takes no mail on port {port}. Try 587, 465 or 25."
        case smtplib.SMTPServerDisconnected():
            return f"{server} hung up on port {port}. Port 465 is encrypted from the start, 587 with STARTTLS: try the other one."
    return f"The mail server could not be used ({type(error).__name__}{_said(error)})."


def _said(error: BaseException) -> str:
    """What the server answered, in brackets: its number and the beginning of its words."""
    code: int
    words: str | bytes
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (0, b""))
    elif isinstance(error, smtplib.SMTPResponseException):
        code, words = error.smtp_code, error.smtp_error
    else:
        return ""
    text = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
    return f" ({code}: {text[:120]})"
