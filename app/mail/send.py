"""The one place mail leaves from: one message, one connection, with time-outs; failures are raised, never swallowed."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from email.utils import formataddr, make_msgid, parseaddr
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import flask_mail
from flask import current_app

from app.mail.message import Message
from app.mail.server_words import server_words
from app.settings import Settings
from app.shared import clock
from app.shared.errors import OutsideFault
from app.shared.transaction import in_transaction

_CLOSING_DOWN = 421  # RFC 5321: "service not available, closing transmission channel"
_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})
_IMPLICIT_TLS_PORT = 465  # RFC 8314: encrypted from the first byte


class MailNotSent(OutsideFault):
    """The server did not take it. The message names the reason and no address; `answer` is what the server itself said,
    for the ledger alone: its words may tell more than a log should."""

    def __init__(self, message: str, answer: str = ""):
        super().__init__(message)
        self.answer = answer


class MailRefused(MailNotSent):
    """The server will not take this mail, now or later (a 5xx answer): a person should look."""


class MailUnavailable(MailNotSent):
    """No server, no answer, or "try again later" (a 4xx answer)."""


class MailServerDown(MailUnavailable):
    """It answers nobody: enough of these, and it is left alone for a while."""


class _Listening(smtplib.SMTP):
    """smtplib says nothing of the answer to a mail that was taken, and in it is the number to ask the host about."""

    taken = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, words = super().data(msg)
        self.taken = server_words(code, words)
        return code, words


class _ListeningTls(_Listening, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


class TimedConnection(flask_mail.Connection):
    """Flask-Mail's connection with a time-out, without which a silent server would hold a worker for ever."""

    def __init__(self, extension: flask_mail.Mail, settings: Settings):
        super().__init__(extension)
        self.timeout, self.settings = settings.smtp_timeout_seconds, settings

    def configure_host(self) -> smtplib.SMTP:
        state = self.mail
        if state.use_ssl or state.port == _IMPLICIT_TLS_PORT:
            host: smtplib.SMTP = _ListeningTls(
                state.server, state.port, timeout=self.timeout, context=tls_context(self.settings)
            )
        else:
            host = _Listening(state.server, state.port, timeout=self.timeout)
        try:
            if state.use_tls and not isinstance(host, smtplib.SMTP_SSL):
                host.starttls(context=tls_context(self.settings))
            if state.username and state.password:
                host.login(state.username, state.password)
        except (smtplib.SMTPException, OSError):
            host.close()
            raise
        return host

    @property
    def taken(self) -> str:
        """What the server said to the mail it took; "" where none is sent at all."""
        return self.host.taken if isinstance(self.host, _Listening) else ""

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The message is taken or refused by now; a connection that breaks at the goodbye changes nothing.
        if self.host is not None:
            with suppress(smtplib.SMTPException, OSError):
                self.host.quit()


def tls_context(settings: Settings) -> ssl.SSLContext:
    """smtplib alone would take any certificate. On this very machine, where nobody stands between, any will do."""
    context = ssl.create_default_context()
    if settings.mail_server in _THIS_MACHINE or not settings.mail_verify_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def send(message: Message, *, shop_name: str, settings: Settings | None = None) -> str:
    """Hand one mail to the server, and return what it said. Raises MailRefused or MailUnavailable; the outbox tries again."""
    if in_transaction():
        raise RuntimeError("no transaction may be open while mail is sent")
    settings = settings or current_app.extensions["settings"]
    outgoing = _outgoing(message, settings, shop_name)
    try:
        with TimedConnection(current_app.extensions["mail"], settings) as connection:
            connection.send(outgoing)
            return connection.taken
    except smtplib.SMTPRecipientsRefused as error:
        code, words = max(error.recipients.values(), default=(550, b""))
        raise _failure(code, "recipient", words) from error
    except smtplib.SMTPResponseException as error:
        raise _failure(error.smtp_code, type(error).__name__, error.smtp_error) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailServerDown(f"The mail server cannot be reached ({type(error).__name__}).") from error


def _outgoing(message: Message, settings: Settings, shop_name: str) -> flask_mail.Message:
    name, address = parseaddr(settings.mail_default_sender)
    outgoing = flask_mail.Message(
        subject=message.subject,
        recipients=[message.to],
        body=message.text,
        html=message.html,
        sender=formataddr((shop_name or name, address)),
        reply_to=message.reply_to or None,
        date=clock.now().timestamp(),
        # RFC 3834: so that holiday answers do not come back to us.
        extra_headers={"Auto-Submitted": "auto-generated"},
    )
    outgoing.msgId = make_msgid(domain=urlsplit(settings.site_url).hostname or "localhost")
    return outgoing


def _failure(code: int, what: str, words: bytes | str) -> MailNotSent:
    said = server_words(code, words)
    if 500 <= code < 600 and code not in {530, 534, 535}:
        return MailRefused(f"The mail server refused the mail for good ({code}, {what}).", said)
    kind = MailServerDown if code == _CLOSING_DOWN else MailUnavailable
    return kind(f"The mail server did not take the mail now ({code}, {what}).", said)
