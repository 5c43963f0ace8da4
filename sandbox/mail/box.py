"""The folder of caught mail: one .eml file per message, readable by any mail program."""

import threading
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from pathlib import Path

from sandbox.clock import MovableClock
from sandbox.mail.message import Caught, Part

TIME_FORMAT = "%Y%m%dT%H%M%S%f"
ENVELOPE_TO, ENVELOPE_FROM = "X-Sandbox-Envelope-To", "X-Sandbox-Envelope-From"


class Box:
    """Reads and writes the folder; file names are times, so that their order is the order of arrival."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if need be; what an earlier run caught is still there."""
        self._folder = folder
        self._clock = MovableClock()
        self._lock = threading.Lock()
        self._last = self._clock.now()
        self._read: dict[str, Caught] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, sender: str, recipients: list[str], content: bytes) -> str:
        """Store one message as it came, with its envelope on top. Returns its id."""
        envelope = (
            f"{ENVELOPE_FROM}: {_header(sender)}\r\n{ENVELOPE_TO}: {_header(', '.join(recipients))}\r\n"
        )
        with self._lock:
            identity = self._next_identity()
            unfinished = self._folder / f"{identity}.part"
            unfinished.write_bytes(envelope.encode() + content)
            unfinished.rename(self._folder / f"{identity}.eml")
        return identity

    def _next_identity(self) -> str:
        self._last = max(self._clock.now(), self._last + timedelta(microseconds=1))
        return self._last.strftime(TIME_FORMAT)

    def list_newest_first(self) -> list[Caught]:
        """Every message in the folder."""
        found = (self.find(path.stem) for path in sorted(self._folder.glob("*.eml"), reverse=True))
        return [mail for mail in found if mail is not None]

    def find(self, identity: str) -> Caught | None:
        """One message; None when there is no such file."""
        if identity not in self._read:
            # The name comes from an address line: only what a time is made of may name a file.
            if not identity.replace("T", "").isalnum():
                return None
            try:
                content = (self._folder / f"{identity}.eml").read_bytes()
            except FileNotFoundError:
                return None
            self._read[identity] = _read_message(identity, content)
        return self._read[identity]

    def empty(self) -> int:
        """Delete every message. Returns how many there were."""
        with self._lock:
            paths = list(self._folder.glob("*.eml"))
            for path in paths:
                path.unlink(missing_ok=True)
            self._read.clear()
        return len(paths)


def _header(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _read_message(identity: str, content: bytes) -> Caught:
    message = BytesParser(policy=policy.default).parsebytes(content)
    assert isinstance(message, EmailMessage)
    return Caught(
        id=identity,
        received_at=datetime.strptime(identity, TIME_FORMAT).replace(tzinfo=UTC),
        sender=_text_of(message, "From") or _text_of(message, ENVELOPE_FROM),
        to=_text_of(message, "To") or _text_of(message, ENVELOPE_TO),
        recipients=tuple(_text_of(message, ENVELOPE_TO).split(", ")),
        subject=_text_of(message, "Subject"),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        parts=tuple(_parts(message)),
        source=content,
    )


def _text_of(message: EmailMessage, name: str) -> str:
    return str(message.get(name, ""))


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return _decoded(part) if part is not None else ""


def _decoded(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _parts(message: EmailMessage) -> list[Part]:
    """Attachments and inline pictures: everything that is neither a body nor a bundle of parts."""
    bodies = [message.get_body((kind,)) for kind in ("plain", "html")]
    found: list[Part] = []
    for part in message.walk():
        if part.is_multipart() or any(part is body for body in bodies):
            continue
        content = part.get_payload(decode=True)
        found.append(
            Part(
                name=part.get_filename() or f"part-{len(found) + 1}",
                content_type=part.get_content_type(),
                content_id=str(part.get("Content-ID", "")).strip("<> "),
                content=content if isinstance(content, bytes) else b"",
            )
        )
    return found
