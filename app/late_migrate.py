"""Flask-Migrate, loaded when tables are changed: with Alembic it takes a tenth of a process's memory, and no page needs it."""

from __future__ import annotations

import importlib
from typing import Any

from flask import Flask

from app.extensions import db
from app.late_command import LateCommand

_NAME = "migrate"


def init_migrate(app: Flask) -> None:
    """Bind it under the name that Flask-Migrate's own functions and commands look for."""
    app.extensions[_NAME] = _LateMigrate(app)
    app.cli.add_command(
        LateCommand("db", "flask_migrate.cli:db", "Change the tables, or tell how they stand.")
    )


class _LateMigrate:
    """Stands in for what Flask-Migrate leaves with an app until the first look at it."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        importlib.import_module("flask_migrate").Migrate(
            self._app, db, render_as_batch=True, compare_type=True
        )
        return getattr(self._app.extensions[_NAME], name)
