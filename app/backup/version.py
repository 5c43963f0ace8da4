"""Which Tradepost this is, and how its tables stand."""

from __future__ import annotations

import tomllib
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.settings import ROOT

MIGRATIONS = ROOT / "migrations"


def shop_version(root: Path = ROOT) -> str:
    """As the release's VERSION file says, or pyproject.toml in a working copy."""
    stated = root / "VERSION"
    if stated.is_file():
        return stated.read_text().strip()
    project = tomllib.loads((root / "pyproject.toml").read_text())
    return str(project["project"]["version"])


def code_head() -> str:
    """The migration this code needs the tables to stand at."""
    [head] = ScriptDirectory(str(MIGRATIONS)).get_heads()
    return str(head)


def is_known_migration(revision: str) -> bool:
    """Whether this code has the migration; a newer Tradepost's it has not."""
    return revision in {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def database_head(connection: Connection) -> str | None:
    """The migration a database stands at; None when it has none."""
    return MigrationContext.configure(connection).get_current_revision()


def migrate(connection: Connection, revision: str) -> None:
    """Bring the tables up to a migration over this connection, which must not be in a transaction, and keep that."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    connection.commit()
