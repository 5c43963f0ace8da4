"""A panel's own lines in a .htaccess: cPanel writes them between comments that say BEGIN and END."""

from __future__ import annotations

import re

_BEGIN = re.compile(r"#.*\bBEGIN\b")
_END = re.compile(r"#.*\bEND\b")


def merge(theirs: str, ours_before: str, ours_now: str) -> str | None:
    """Ours of the new release with the panel's blocks where they were, above or below it; None when something else was
    changed, too, or a block stands in the middle."""
    above, rest = _take_blocks(theirs.splitlines())
    own = _lines(ours_before)
    body = [line for line in rest if line.strip()]
    if body[: len(own)] != own:
        return None
    position = 0
    for count, line in enumerate(rest, start=1):
        position += bool(line.strip())
        if position == len(own):
            below, left = _take_blocks(rest[count:])
            break
    else:
        return None
    if any(line.strip() for line in left):
        return None
    parts = ["\n".join(above), ours_now.strip("\n"), "\n".join(below)]
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _take_blocks(lines: list[str]) -> tuple[list[str], list[str]]:
    """The blocks these lines begin with, and the lines after them."""
    taken: list[str] = []
    rest = list(lines)
    while rest:
        start = next((number for number, line in enumerate(rest) if line.strip()), len(rest))
        if start == len(rest) or not _BEGIN.match(rest[start].strip()):
            break
        end = next((n for n, line in enumerate(rest) if n > start and _END.match(line.strip())), None)
        if end is None:
            break
        taken += rest[start : end + 1]
        rest = rest[end + 1 :]
    return taken, rest
