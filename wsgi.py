"""The shop with its back office; gunicorn, Passenger and mod_wsgi all load `app` from here."""

from admin import init_admin
from app import create_app
from jobs import init_jobs_cli
from sandbox.commands import init_sandbox_cli

app = create_app()
init_admin(app)
init_jobs_cli(app)
init_sandbox_cli(app)
