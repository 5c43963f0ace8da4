"""A private paper on its way to somebody who may see it."""

from __future__ import annotations

from flask import Response, send_file

from app.businesses.documents import PDF
from app.businesses.models import Upload
from app.storage.shelves import get_shelves

# Nothing in a paper may run, load or send anything; only our own pages may frame it.
_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'; form-action 'none'"


def answer_with_paper(upload: Upload, *, as_attachment: bool) -> Response:
    """The file with headers that let it do nothing and let nobody keep it; whoever calls has checked the right to it.

    FileGone when it is no longer there, StorageAway when its place does not answer.
    """
    paper = get_shelves().papers.open(upload.stored_name)
    response = send_file(
        paper.stream,
        mimetype=upload.content_type,
        as_attachment=as_attachment,
        download_name=upload.original_name,
        etag=upload.sha256,
        max_age=0,
    )
    response.content_length = paper.size
    # Browsers refuse to show a PDF at all in a sandbox; scripts and attachments in one were refused when it came.
    sandbox = "" if upload.content_type == PDF else "; sandbox"
    response.headers["Content-Security-Policy"] = _POLICY + sandbox
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
