"""gunicorn as hosts run it, loaded and warmed up before it forks: a killed worker is back at once and answers at once,
and to be killed is most of what happens to it here."""

from __future__ import annotations

from typing import Any

from tests.faults.entry import app, forget_parents_connections

preload_app = True
workers = 2
threads = 4
graceful_timeout = 3

_WARM = (
    "carts/",
    "checkout/",
    "orders/",
    "accounts/login",
    "admin/orders/",
    "admin/outbox/",
    "admin/confirm",
    "_macros/",
)


def when_ready(_server: Any) -> None:
    """Compile the templates and take the first, slow requests before there are workers."""
    for name in app.jinja_env.list_templates(filter_func=lambda name: name.startswith(_WARM)):
        app.jinja_env.get_template(name)
    visitor = app.test_client()
    for path in ("/login", "/cart", "/healthz"):
        visitor.get(path)


def post_fork(_server: Any, _worker: Any) -> None:
    forget_parents_connections()
