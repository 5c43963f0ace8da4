"""Which files are taken as papers, by content alone."""

from __future__ import annotations

import io
import zlib

import pytest

from app.businesses.documents import DocumentRefused, store_document
from app.businesses.pdf_rules import find_pdf_trouble
from app.storage.folder import FolderShelf
from tests.papers import packed, pdf, picture

BOMB = zlib.compress(b"0" * (40 * 1024 * 1024))


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        pdf(b"<< /Type /Annot /OpenAction [3 0 R /Fit] >>"),
        pdf(b"<< /Title (About /JS and scripts) >>"),
        pdf(packed(b"1 0 << /Type /Font >>")),
        pdf(b"<< /Type /ObjStm /N 0 /First 0 /Length 2 >>\nstream\n  \nendstream"),
    ],
)
def test_a_whole_pdf_with_nothing_but_pages_is_taken(content):
    assert find_pdf_trouble(content) is None


@pytest.mark.parametrize(
    "content, says",
    [
        (b"%PDF-1.7\n", "damaged"),
        (b"%PDF-9\n%%EOF", "damaged"),
        (pdf() + b"\n" * 5000, "damaged"),
        (pdf(b"<< /Encrypt 4 0 R >>"), "protected"),
        (pdf(b"<< /S /JavaScript /JS (1) >>"), "program"),
        (pdf(b"<< /S/JavaScript>>"), "program"),
        (pdf(b"<< /S /#4aava#53cript >>"), "program"),
        (pdf(b"<< /S /Launch /F (cmd.exe) >>"), "program"),
        (pdf(b"<< /Type /EmbeddedFile >>"), "attached"),
        (pdf(b"<< /Names << /EmbeddedFiles 9 0 R >> >>"), "attached"),
        (pdf(packed(b"1 0 << /S /JavaScript >>")), "program"),
        (pdf(packed(b"1 0 << /Type /Embedded#46ile >>")), "attached"),
        (
            pdf(b"<< /Type /Obj#53tm /Filter /FlateDecode >>\nstream\n" + BOMB + b"\nendstream"),
            "cannot check",
        ),
        (pdf(b"<< /Type /ObjStm /Filter /LZWDecode >>\nstream\nxx\nendstream"), "cannot check"),
        (pdf(b"<< /Type /ObjStm >>"), "cannot check"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(content, says):
    trouble = find_pdf_trouble(content)
    assert trouble is not None
    assert says in trouble
    assert "photo" in trouble


def test_a_file_larger_than_allowed_is_refused_before_it_is_looked_into(tmp_path):
    with pytest.raises(DocumentRefused, match="larger than 1 MB"):
        store_document(
            io.BytesIO(pdf(b"x" * 1024 * 1024)),
            "a.pdf",
            shelf=FolderShelf(tmp_path, is_private=True),
            most_bytes=1024 * 1024,
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content, says",
    [
        (b"", "empty"),
        (b"GIF89a" + b"0" * 500, "PDF, JPEG, PNG or WebP"),
        (b"RIFF0000WAVE" + b"0" * 500, "PDF, JPEG, PNG or WebP"),
        (picture()[:300], "damaged"),
        (picture("PNG", (13_000, 50)), "million pixels"),
    ],
)
def test_no_picture_and_no_pdf_is_no_paper(tmp_path, content, says):
    with pytest.raises(DocumentRefused, match=says):
        store_document(
            io.BytesIO(content), "a.jpg", shelf=FolderShelf(tmp_path, is_private=True), most_bytes=10_000_000
        )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name, kept",
    [
        ("resale.PDF", "resale.pdf"),
        ("C:\\papers\\maine.pdf", "maine.pdf"),
        ("../../x", "x.pdf"),
        ('a"b\r\nSet-Cookie: c.pdf', "abSet-Cookie c.pdf"),
        ("", "certificate.pdf"),
        ("…" * 300, "…" * 116 + ".pdf"),
    ],
)
def test_its_name_is_for_people_alone(tmp_path, name, kept):
    stored = store_document(
        io.BytesIO(pdf()),
        name,
        shelf=FolderShelf(tmp_path / "uploads", is_private=True),
        most_bytes=10_000_000,
    )
    assert stored.original_name == kept
    assert (tmp_path / "uploads" / stored.stored_name).stat().st_size == stored.size
