"""What nobody should type and somebody will: texts, bytes, files and whole requests."""

from __future__ import annotations

from urllib.parse import quote_plus

from hypothesis import strategies as st

from tests.papers import pdf, picture

# Shows in a page only if something was not escaped.
MARK = "<b id=unescaped>"
TEXTS = (
    "", " ", "\t\n", "\x00", "a\x00b", "\x1b[31m", "a\r\nSet-Cookie: x=y", "\u202egnp.exe", "\ufeff", "\ufffe", "\U0001f4a3" * 60, "e" + "\u0301" * 300,
    "\u0130", "\u00df" * 200, "x" * 300, "x" * 70_000, "9" * 19, "9" * 400, "9" * 5000, "-1", "0", "00012", "1.5", "1,5", "1e400", "NaN", "Infinity", "0x10", "1_000",
    "\u0663", "\u00b2", "\u00bd", "\uff11\uff12", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809",
    "true", "null", "[]", "{}", '{"$gt": 0}', "{{7*7}}", "%s%n%d", "%", "%00", "_", "\\", "'", "'; DROP TABLE orders; --", '"', MARK, "<script>", "../../../etc/passwd",
    "//evil.example", "/\\evil.example", "http://evil.example/", "javascript:alert(1)", "a@b", "@", f"{'a' * 250}@example.com", "a@" + "b." * 120 + "example", "=1+1", "1:2:3", ":", "7:",
    "2026-02-30", "0000-00-00", "0001-01-01", "9999-12-31", "10000-01-01", "99999-9999", "new", "same", "None",
)  # fmt: skip
# Bytes that are no UTF-8: cut off, over-long, a lone half of a pair, Latin-1.
BYTES = (
    b"\xff\xfe",
    b"\xc3",
    b"caf\xe9",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xf8\x88\x80\x80\x80",
    b"\x80" * 90,
)
_CHARACTERS = st.characters(exclude_categories=["Cs"])

values: st.SearchStrategy[bytes] = st.one_of(
    st.sampled_from([text.encode() for text in TEXTS]),
    st.sampled_from(BYTES),
    st.text(_CHARACTERS, max_size=30).map(str.encode),
    st.integers().map(lambda number: str(number).encode()),
    st.dates().map(lambda day: day.isoformat().encode()),
)
names: st.SearchStrategy[bytes] = st.one_of(
    st.sampled_from([b"", b"id", b"id[]", b"next", b"csrf_token", b"sku_id", b"quantity", b"page", b"\xff", b"x" * 3000, b"__class__"]),
    st.text(_CHARACTERS, max_size=12).map(str.encode),
)  # fmt: skip
# What the shop's own addresses read after the question mark.
query_names: st.SearchStrategy[bytes] = st.one_of(
    st.sampled_from([
        b"q", b"page", b"sort", b"view", b"sku", b"step", b"next", b"find", b"show", b"search", b"id", b"desc", b"page_size", b"download",
        b"flt0_0", b"flt1_1", b"flt0_status_equals", b"flt9_x", b"url", b"name", b"query", b"offset", b"limit", b"state", b"for",
    ]),
    names,
)  # fmt: skip


def encoded(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """A form's body or a query, byte for byte."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()


FILES = {
    "nothing in it": (b"", "resale.pdf"),
    "no picture": (b"hello", "resale.jpg"),
    "half a picture": (picture()[:900], "resale.jpg"),
    "a picture cut after its head": (picture("PNG")[:40], "resale.png"),
    "a picture of bytes": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8, "resale.png"),
    "a tiny picture": (picture("PNG", (1, 1)), "resale.png"),
    "a very long picture": (picture("PNG", (9000, 2)), "resale.png"),
    "another kind of picture": (picture("GIF", (20, 20)), "resale.gif"),
    "only the head of a paper": (b"%PDF-1.7\n", "resale.pdf"),
    "a paper with a broken stream": (
        pdf(b"<< /Filter /FlateDecode /Length 9 >>\nstream\nxxxxxxxxx\nendstream"),
        "resale.pdf",
    ),
    "a paper with deep brackets": (pdf(b"[" * 50_000), "resale.pdf"),
    "a page for browsers": (b"<html><script>alert(1)</script></html>", "resale.pdf"),
    "a name that climbs": (pdf(), "../../../etc/passwd.pdf"),
    "a name with a zero": (pdf(), "resale\x00.pdf"),
    "a name of signs": (pdf(), "\u202e\U0001f4a3" * 200 + ".pdf"),
    "no name": (pdf(), ""),
    "a drawing with a script": (
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        "resale.svg",
    ),
}

BODIES = (
    ("application/json", b"{}"),
    ("application/json", b'{"quantity": {"a": [1, 2]}, "sku_id": null, "total": -1}'),
    ("application/json", b'{"quantity": 1e999' + b"[" * 9000),
    ("application/json", b"\xff\xfe\x00"),
    ("application/x-www-form-urlencoded", b"%"),
    ("application/x-www-form-urlencoded", b"&&&===;;;%zz=%&" * 50),
    ("application/x-www-form-urlencoded", b"a=" + b"x" * 600_000),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(2000))),
    ("application/x-www-form-urlencoded; charset=utf-16", "quantity=1".encode("utf-16")),
    ("application/x-www-form-urlencoded; charset=nonsense", b"quantity=1"),
    ("multipart/form-data", b"no boundary is named"),
    ("multipart/form-data; boundary=", b"----"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"quantity\"\r\n\r\n1"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"quantity\"; filename=\"a\"\r\n\r\n1\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\n" + b"A: " + b"b" * 70_000 + b"\r\n\r\n1\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n" * 1500 + b"--x--\r\n"),
    ("multipart/form-data; boundary=" + "x" * 4000, b"--x--"),
    ("text/plain", b"quantity=1"),
    ("", b"\x00" * 100),
    ("application/xml", b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>"),
)  # fmt: skip
