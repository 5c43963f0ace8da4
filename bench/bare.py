"""A Flask app with no shop in it: what the machine, gunicorn, nginx and the client allow for pages of a size.

`/page/<size>` answers with so many letters; nothing is read, checked, rendered or counted. A shop's figure divided by the
bare one of the same run says more of the shop than either alone.
"""

from __future__ import annotations

from flask import Flask

app = Flask(__name__)


@app.get("/page/<int:size>")
def page(size: int) -> str:
    """So many letters."""
    return "x" * size
