"""The shop as wsgi.py loads it, with the fault hook around it: what the suite's gunicorn and job workers run."""

from __future__ import annotations

import os
from pathlib import Path

from app.extensions import db
from tests.faults.hook import install
from wsgi import app

install(app, Path(os.environ["FAULTS_FOLDER"]))


def forget_parents_connections() -> None:
    """After a fork: two processes must not talk over one socket."""
    with app.app_context():
        db.engine.dispose(close=False)
