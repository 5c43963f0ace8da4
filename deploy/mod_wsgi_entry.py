"""What mod_wsgi loads (deploy/apache/site.conf). `touch` it, and the shop is loaded anew: after an upgrade, for example.

With settings it cannot use the shop says why in Apache's log and answers 503.
"""

import sys
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from app.first_run.closed import or_closed  # noqa: E402 - found only now that the path is set

application = or_closed(lambda: import_module("wsgi").app)
