"""What mod_wsgi loads (deploy/apache/site.conf). `touch` it, and the shop is loaded anew: after an upgrade, for example.

With settings it cannot use the shop says why in Apache's log and answers 503.
"""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import upgrading


def load():
    """The shop; loaded here, because between two releases nothing of it may be."""
    return import_module("app.first_run.closed").or_closed(lambda: import_module("wsgi").app)


application = upgrading.behind_the_door(load)
