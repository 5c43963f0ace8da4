"""The door for the payment provider's events. They are signed, so this is the one form of the shop without a CSRF token."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from app.extensions import csrf
from app.payments.receive_webhook import receive_webhook
from app.payments.webhook_event import LONGEST_BODY, SIGNATURE_HEADER, is_signed, read_notice
from app.settings import Settings
from app.shared import clock

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/square")
@csrf.exempt
def square() -> Response:
    """Answers at once and without a page: 200 for what is kept (again), 401 for what is not Square's, 404 where the
    shop has no key for events."""
    settings: Settings = current_app.extensions["settings"]
    key, url = settings.square_webhook_signature_key, settings.square_webhook_url
    if not key or not url:
        return Response(status=404)
    signature = request.headers.get(SIGNATURE_HEADER, "")
    if not signature:
        return Response(status=401)
    if (request.content_length or 0) > LONGEST_BODY:
        return Response(status=413)
    body = request.get_data()  # one sent without its length is bounded by MAX_CONTENT_LENGTH
    if len(body) > LONGEST_BODY:
        return Response(status=413)
    if not is_signed(body, signature, key=key, url=url):
        return Response(status=401)
    notice = read_notice(body)
    if notice is None:
        return Response(status=400)
    receive_webhook(notice, clock.now())
    return Response(status=200)
