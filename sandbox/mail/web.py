"""The mailbox as pages for people and as JSON for programs."""

import re
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from jinja2 import StrictUndefined
from werkzeug.wrappers import Response as AnyResponse

from sandbox.mail.box import Box
from sandbox.mail.message import Caught
from sandbox.mail.smtp import STAGES, Mood, Refusal

STATIC = Path(__file__).resolve().parent.parent / "static"
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'"
# The mail itself: its own styles and pictures, nothing from elsewhere, no script or form; links open a new tab.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; form-action 'none'; base-uri 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
PLAIN_NAME = re.compile(r"[^\w.-]+", re.ASCII)

pages = Blueprint("pages", __name__)


def create_app(box: Box, mood: Mood) -> Flask:
    """Pages and JSON around one folder of mail."""
    app = Flask(__name__, static_folder=str(STATIC))
    app.jinja_env.undefined = StrictUndefined
    app.extensions["mail_box"], app.extensions["mail_mood"] = box, mood
    app.register_blueprint(pages)
    app.before_request(_read_to_the_end)
    app.after_request(_guard)
    return app


def _read_to_the_end() -> None:
    # What nobody reads would keep the server waiting for the end of the connection before it answers.
    request.get_data()


def _guard(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _box() -> Box:
    box = current_app.extensions["mail_box"]
    assert isinstance(box, Box)
    return box


def _mood() -> Mood:
    mood = current_app.extensions["mail_mood"]
    assert isinstance(mood, Mood)
    return mood


def _mail(identity: str) -> Caught:
    return _box().find(identity) or abort(404)


@pages.get("/")
def inbox() -> str:
    """All mail, newest first; `?to=` shows one person's."""
    address = request.args.get("to", "")
    mails = [mail for mail in _box().list_newest_first() if not address or mail.is_for(address)]
    return render_template("inbox.html", mails=mails, address=address)


@pages.get("/messages/<identity>")
def show(identity: str) -> str:
    """One message: its HTML in a frame that can do nothing, and its text."""
    mail = _mail(identity)
    return render_template("message.html", mail=mail, text=mail.text_with_links())


@pages.get("/messages/<identity>/html")
def show_html(identity: str) -> Response:
    """The HTML part alone, for the frame."""
    address = url_for(".show_part", identity=identity, number=0).removesuffix("0")
    response = Response(_mail(identity).html_for_frame(address), mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@pages.get("/messages/<identity>/parts/<int:number>")
def show_part(identity: str, number: int) -> Response:
    """One attachment or inline picture. Pictures may be shown; everything else is for saving."""
    parts = _mail(identity).parts
    if number >= len(parts):
        abort(404)
    part = parts[number]
    is_picture = part.content_type in ("image/png", "image/jpeg", "image/gif", "image/webp")
    response = Response(
        part.content, content_type=part.content_type if is_picture else "application/octet-stream"
    )
    name = PLAIN_NAME.sub("_", part.name)
    response.headers["Content-Disposition"] = f'{"inline" if is_picture else "attachment"}; filename="{name}"'
    return response


@pages.get("/messages/<identity>/source")
def show_source(identity: str) -> Response:
    """The message as it came over the wire."""
    return Response(_mail(identity).source, mimetype="text/plain")


@pages.post("/delete-all")
def delete_all() -> AnyResponse:
    """Empty the mailbox, from the page's own button only."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)
    _box().empty()
    return redirect(url_for(".inbox"), 303)


@pages.get("/healthz")
def healthz() -> Response:
    """200 while it runs."""
    return Response("ok\n", mimetype="text/plain")


@pages.get("/api/messages")
def list_messages() -> Response:
    """JSON: an array of messages, newest first; `?to=` narrows to one recipient."""
    address = request.args.get("to", "")
    return jsonify(
        [mail.to_json() for mail in _box().list_newest_first() if not address or mail.is_for(address)]
    )


@pages.delete("/api/messages")
def delete_messages() -> Response:
    """Empty the mailbox: `{"deleted": n}`."""
    return jsonify({"deleted": _box().empty()})


@pages.post("/_control/refuse")
def refuse() -> tuple[Response, int] | Response:
    """Refuse mail: `{"code": 550, "stage": "rcpt"|"data", "count": n?, "to": address?}`."""
    given = _control_body()
    code, stage, count = given.get("code", 0), given.get("stage", "rcpt"), given.get("count")
    is_code = isinstance(code, int) and 400 <= code <= 599
    is_count = count is None or (isinstance(count, int) and count >= 0)
    if not is_code or stage not in STAGES or not is_count:
        return jsonify({"error": "code is 400 to 599, stage rcpt or data, count a whole number."}), 400
    _mood().refuse(Refusal(code, stage, count, str(given.get("to", ""))))
    return jsonify(given)


@pages.delete("/_control/refuse")
def take_again() -> Response:
    """Take mail again."""
    _mood().refuse(None)
    return jsonify({})


@pages.post("/_control/slow")
def slow() -> tuple[Response, int] | Response:
    """Let each message wait: `{"seconds": 2}`; 0 ends it."""
    seconds = _control_body().get("seconds")
    if not isinstance(seconds, (int, float)) or not 0 <= seconds <= 600:
        return jsonify({"error": "seconds lies between 0 and 600."}), 400
    _mood().seconds = seconds
    return jsonify({"seconds": seconds})


def _control_body() -> dict[str, Any]:
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}
