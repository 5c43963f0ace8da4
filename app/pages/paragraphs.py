"""The owner's plain text as headings, lists and paragraphs. Pure; nothing of it is ever taken for HTML."""

from __future__ import annotations


def read_paragraphs(text: str) -> list[tuple[str, str | list[str]]]:
    """Blocks parted by empty lines: "## Words" is a heading, lines that begin with "- " a list, all else a paragraph.

    Gives ("heading" | "paragraph", words) or ("list", items).
    """
    blocks = text.replace("\r\n", "\n").split("\n\n")
    return [_read_block(block.strip()) for block in blocks if block.strip()]


def _read_block(block: str) -> tuple[str, str | list[str]]:
    lines = [line.strip() for line in block.splitlines()]
    if len(lines) == 1 and lines[0].startswith("## "):
        return "heading", lines[0].removeprefix("## ").strip()
    if all(line.startswith("- ") for line in lines):
        return "list", [line.removeprefix("- ").strip() for line in lines]
    return "paragraph", " ".join(lines)
