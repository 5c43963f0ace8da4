"""The shop with its back office, or its set-up while it has no settings; gunicorn, Passenger and mod_wsgi all load `app`."""

import upgrading

# While `flask upgrade` swaps the code, nothing more of it is loaded: this waits outside.
upgrading.enter()

# isort: split
from importlib.util import find_spec

from flask import Flask

from admin import init_admin
from app import create_app
from app.first_run import init_first_run_cli
from app.settings import is_configured
from jobs import init_jobs_cli

# A release for hosts comes without the stand-ins for trials.
if find_spec("sandbox"):
    from sandbox.commands import init_sandbox_cli
else:
    init_sandbox_cli = None


def build_shop() -> Flask:
    shop = create_app()
    init_admin(shop)
    init_jobs_cli(shop)
    init_first_run_cli(shop)
    if init_sandbox_cli:
        init_sandbox_cli(shop)
    shop.wsgi_app = upgrading.AtTheDoor(shop.wsgi_app)  # type: ignore[method-assign]
    return shop


if is_configured():
    app = build_shop()
else:
    # Only here, so that a shop pays neither time nor memory for it.
    from app.first_run.door import create_first_run_app

    app = create_first_run_app(build_shop)

upgrading.loaded()
