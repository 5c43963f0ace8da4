"""Two fresh keys for a new shop, ready for instance/settings.toml: `python -m app.make_key`.

Not a `flask` command alone, because those only start in a shop that has its keys already.
"""

from __future__ import annotations

import secrets
import sys

_BYTES = 48


def make_key() -> str:
    """64 letters and digits nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


def main() -> None:
    sys.stdout.write(f'SECRET_KEY = "{make_key()}"\nDATA_KEY = "{make_key()}"\n')


if __name__ == "__main__":
    main()
