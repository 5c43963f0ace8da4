"""`make tour-rq`: the tour through a fresh shop on a private MariaDB and a private Redis, with JOBS=rq."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.servers import MariaDB, Redis, new_database
from tests.source import ROOT

COMMAND = [sys.executable, "-m", "sandbox.tour", "--fresh"]


def main() -> int:
    """The tour's own status; the servers end with it."""
    with MariaDB() as mariadb, Redis() as redis:
        environment = {**os.environ, "DATABASE_URL": new_database(mariadb, "tour"), "REDIS_URL": redis.url}
        return subprocess.run(COMMAND, env=environment, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
