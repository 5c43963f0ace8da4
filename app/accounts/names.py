"""The name a person goes by in mails."""

from __future__ import annotations

import re

# Our mails greet people by what they typed, so it must hold nothing that reads as an invitation to somewhere else.
_ADDRESS = re.compile(r"https?:|www\.|[/\\<>@]|\w\.[a-z]{2,}\b", re.IGNORECASE)


def is_greetable(name: str) -> bool:
    """Whether a name holds no web or mail address and nothing but letters people can read."""
    return name.isprintable() and not _ADDRESS.search(name)
