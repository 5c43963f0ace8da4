"""What Passenger starts (cPanel: "Application startup file"). In a release it stands in the shop's top folder.

Needs nothing set: without instance/settings.toml the shop opens its set-up page. With settings it cannot use, it says
why in the log and answers 503; the set-up page stays shut then.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE if (HERE / "wsgi.py").is_file() else HERE.parent))

import upgrading  # noqa: E402 - found only now that the path is set


def load():
    """The shop; loaded here, because between two releases nothing of it may be."""
    application = import_module("app.first_run.closed").or_closed(lambda: import_module("wsgi").app)
    if os.environ.get("IN_PASSENGER"):
        application = import_module("app.shared.passenger").DecodedPaths(application)
    return application


application = upgrading.behind_the_door(load)
