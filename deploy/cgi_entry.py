"""One request by CGI, for hosts with neither Passenger nor mod_wsgi; public/tradepost.cgi starts it.

Every request starts Python anew, which takes a second or so: good for a small shop, and for seeing that it works.
"""

import os
import sys
from importlib import import_module
from pathlib import Path
from wsgiref.handlers import CGIHandler

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

import upgrading  # noqa: E402 - found only now that the path is set

# The rewrite rule leads every address through the script; in addresses the shop writes it has no place.
os.environ["SCRIPT_NAME"] = ""
# Not passed on by Apache; the rule keeps it under this name.
if "HTTP_AUTHORIZATION" not in os.environ and os.environ.get("REDIRECT_HTTP_AUTHORIZATION"):
    os.environ["HTTP_AUTHORIZATION"] = os.environ["REDIRECT_HTTP_AUTHORIZATION"]


def load():
    """The shop; loaded here, because between two releases nothing of it may be."""
    return import_module("app.first_run.closed").or_closed(lambda: import_module("wsgi").app)


CGIHandler().run(upgrading.behind_the_door(load))
