"""The owner's plain text as blocks."""

from __future__ import annotations

import pytest

from app.pages.paragraphs import read_paragraphs


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("", []),
        ("One\ntwo.\n\n\n\nThree.", [("paragraph", "One two."), ("paragraph", "Three.")]),
        ("## Payment", [("heading", "Payment")]),
        ("## Not\na heading", [("paragraph", "## Not a heading")]),
        ("- one\r\n- two", [("list", ["one", "two"])]),
        ("- one\nand more", [("paragraph", "- one and more")]),
    ],
)
def test_text_is_parted_into_blocks(text: str, blocks: list[object]) -> None:
    assert read_paragraphs(text) == blocks
