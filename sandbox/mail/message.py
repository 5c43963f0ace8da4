"""One caught message, and how it is shown safely."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup, escape

LINK = re.compile(r"https?://[^\s<>\"']+")
AFTER_LINK = ".,;:!?)]"


@dataclass(frozen=True)
class Part:
    """An attachment or an inline picture."""

    name: str
    content_type: str
    content_id: str
    content: bytes

    @property
    def size(self) -> str:
        """`840 bytes` or `12 KB`."""
        length = len(self.content)
        return f"{length} bytes" if length < 1024 else f"{length // 1024} KB"


@dataclass(frozen=True)
class Caught:
    """A message as read from its file; `recipients` are the envelope's, hidden copies included."""

    id: str
    received_at: datetime
    sender: str
    to: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    html: str
    parts: tuple[Part, ...]
    source: bytes

    def is_for(self, address: str) -> bool:
        """Whether the message was sent to this address, capitals aside."""
        return address.strip().lower() in (recipient.strip().lower() for recipient in self.recipients)

    def to_json(self) -> dict[str, Any]:
        """The message for programs; `received_at` is ISO 8601 in UTC, `attachments` are names."""
        return {
            "id": self.id,
            "to": self.to,
            "recipients": list(self.recipients),
            "from": self.sender,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "received_at": self.received_at.isoformat(),
            "attachments": [part.name for part in self.parts],
        }

    def text_with_links(self) -> Markup:
        """The text part, escaped, with its web addresses as links."""
        shown, place = Markup(""), 0
        for match in LINK.finditer(self.text):
            address = match.group().rstrip(AFTER_LINK)
            link = Markup('<a href="{0}" target="_blank" rel="noopener noreferrer">{0}</a>').format(address)
            shown += escape(self.text[place : match.start()]) + link
            place = match.start() + len(address)
        return shown + escape(self.text[place:])

    def html_for_frame(self, part_address: str) -> str:
        """The HTML part for its frame: inline pictures come from here, links open in a new tab."""
        shown = self.html
        for number, part in enumerate(self.parts):
            if part.content_id:
                shown = shown.replace(f"cid:{part.content_id}", f"{part_address}{number}")
        return f'<!doctype html><base target="_blank">{shown}'
