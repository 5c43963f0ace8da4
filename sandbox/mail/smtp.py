"""The SMTP side: takes mail from anyone, keeps it, and refuses or dawdles when told to."""

import asyncio
import socket
import threading
from dataclasses import dataclass
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.mail.box import Box

STAGES = ("rcpt", "data")
LARGEST_MESSAGE = 25_000_000
REASONS = {
    421: "Try again later",
    450: "Mailbox busy",
    451: "Local error",
    452: "Too much mail",
    550: "No such mailbox",
}


@dataclass
class Refusal:
    """Which mail is refused: with this SMTP code, at this stage, so many times (None: until told otherwise)."""

    code: int
    stage: str = "rcpt"
    count: int | None = None
    to: str = ""


class Mood:
    """What the catcher has been told to do wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._refusal: Refusal | None = None
        self.seconds: float = 0

    def refuse(self, refusal: Refusal | None) -> None:
        """Refuse mail from now on; None: take it again."""
        with self._lock:
            self._refusal = refusal

    def take_refusal(self, stage: str, recipients: list[str]) -> str | None:
        """The line to refuse with, if this mail is to be refused."""
        with self._lock:
            refusal = self._refusal
            if refusal is None or refusal.stage != stage or refusal.count == 0:
                return None
            if refusal.to and refusal.to.lower() not in (recipient.lower() for recipient in recipients):
                return None
            if refusal.count is not None:
                refusal.count -= 1
            return f"{refusal.code} {REASONS.get(refusal.code, 'Refused')}, as this catcher was told to say"


class Handler:
    """aiosmtpd's hooks. Their names and arguments are aiosmtpd's."""

    def __init__(self, box: Box, mood: Mood) -> None:
        self._box = box
        self._mood = mood

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Note a recipient, or refuse it."""
        refused = self._mood.take_refusal("rcpt", [address])
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Keep the message, or refuse it; slowly, if so told."""
        if self._mood.seconds:
            await asyncio.sleep(self._mood.seconds)
        refused = self._mood.take_refusal("data", envelope.rcpt_tos)
        if refused:
            return refused
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        identity = self._box.keep(envelope.mail_from or "", envelope.rcpt_tos, content)
        return f"250 Kept as {identity}"


class SmtpServer(Controller):
    """aiosmtpd's threaded server on a socket that is bound already, so that port 0 finds a free one."""

    def __init__(self, handler: Handler, listener: socket.socket) -> None:
        self._listener = listener
        host, port = listener.getsockname()[:2]
        super().__init__(
            handler, hostname=host, port=port, data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True
        )

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)
