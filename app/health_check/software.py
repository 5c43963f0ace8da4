"""Rules about what the shop runs on: Python, the driver, the database and how it is set up."""

from __future__ import annotations

import re
from collections.abc import Collection

from app.health_check.lines import Line, bad, good, warning

_PYTHON = (3, 11)
# From these on there is SKIP LOCKED, by which workers share the outbox; MySQL 8.0.16 is the first to obey CHECK.
_MARIADB = (10, 6)
_MYSQL = (8, 0, 16)
# Of two nodes that lose sight of each other neither has a majority.
_FEWEST_NODES = 3
# Upserts (ON CONFLICT DO UPDATE) came with 3.24.
_SQLITE = (3, 24)
_DRIVERS = {
    "mysqldb": "mysqlclient",
    "pymysql": "PyMySQL (works everywhere; mysqlclient is faster where it can be built)",
    "pysqlite": "Python's own, for SQLite",
}


def judge_python(version: tuple[int, ...]) -> Line:
    """`version` is (major, minor, patch)."""
    says = ".".join(map(str, version))
    if version[:2] >= _PYTHON:
        return good("Python", says)
    return bad("Python", says, "Choose Python 3.11 or newer for this site in your host's panel.")


def judge_driver(driver: str) -> Line:
    """`driver` is SQLAlchemy's name for it."""
    if driver in _DRIVERS:
        return good("Database driver", _DRIVERS[driver])
    return warning(
        "Database driver",
        f"{driver}, which nobody tried the shop with",
        "Begin DATABASE_URL with mysql:// or sqlite://, so that the shop picks its own driver.",
    )


def judge_database(dialect: str, version: str) -> Line:
    """`dialect` is sqlite, mysql or mariadb; `version` as the server tells it, like "10.11.19-MariaDB-0+deb12"."""
    name, least, wanted = {
        "sqlite": ("SQLite", _SQLITE, "3.24"),
        "mariadb": ("MariaDB", _MARIADB, "10.6"),
        "mysql": ("MySQL", _MYSQL, "8.0.16"),
    }[dialect]
    numbers = read_version(version)
    says = f"{name} {'.'.join(map(str, numbers))}"
    if numbers >= least:
        return good("Database", says)
    return bad(
        "Database",
        says,
        f"The shop needs {name} {wanted} or newer: ask your host to update it or choose another database.",
    )


def read_version(text: str) -> tuple[int, ...]:
    """ "8.0.36-28" → (8, 0, 36); (0,) where there is no number."""
    found = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(int(part) for part in found.group().split(".")) if found else (0,)


def judge_charset(connection: str, database: str) -> Line:
    """The character sets of the connection and of the database."""
    if connection != "utf8mb4":
        return bad(
            "Text in the database",
            f"The connection speaks {connection}, which cannot hold every letter.",
            "Take `charset=…` out of DATABASE_URL: the shop asks for utf8mb4 by itself.",
        )
    if database != "utf8mb4":
        return warning(
            "Text in the database",
            f"New tables would be made as {database}.",
            "Run `ALTER DATABASE … CHARACTER SET utf8mb4` before the next update.",
        )
    return good("Text in the database", "utf8mb4")


def judge_isolation(dialect: str, level: str) -> Line:
    """The level transactions run at; SQLite has only one."""
    if dialect == "sqlite" or level == "READ COMMITTED":
        return good("Transactions", level.capitalize())
    return bad(
        "Transactions",
        f"{level.capitalize()}: pages may show what is no longer so.",
        "Take `isolation_level` out of DATABASE_URL: the shop sets READ COMMITTED by itself.",
    )


def judge_migrations(at: Collection[str], heads: Collection[str]) -> Line:
    """Where the tables stand and where this version of the shop wants them."""
    if set(at) == set(heads):
        return good("Tables", "As this version of the shop wants them.")
    return bad(
        "Tables",
        "Not as this version of the shop wants them.",
        "Run `flask db upgrade`, then restart. If another machine has a newer release already, bring this one to it.",
    )


def judge_cluster(setting: str, state: str, nodes: int) -> list[Line]:
    """DATABASE_CLUSTER against what the database is: `state` is "" on one server. Nothing to say where neither is a cluster."""
    if not setting and not state:
        return []
    if not setting:
        return [
            bad(
                "Cluster",
                f"This database is a node of a cluster of {nodes}, and the shop does not know.",
                'Set DATABASE_CLUSTER = "galera" for every process: without it two nodes may both give the last of '
                "something.",
            )
        ]
    if not state:
        return [warning("Cluster", "This database is no node of a cluster.", "Take DATABASE_CLUSTER out.")]
    if state != "Synced":
        return [bad("Cluster", f"This node is not in service: {state}.", "See the node's own log for why.")]
    if nodes < _FEWEST_NODES:
        says = f"{nodes} {'node is' if nodes == 1 else 'nodes are'} left."
        return [warning("Cluster", says, "Bring the others back: one more that ends may stop the shop.")]
    return [good("Cluster", f"{nodes} nodes, this one in service.")]


def judge_tables(strange: Collection[str]) -> list[Line]:
    """`strange` are tables that are no InnoDB or have no primary key. Nothing to say where there are none."""
    if not strange:
        return []
    return [
        bad(
            "Kind of tables",
            f"Not InnoDB with a primary key: {', '.join(strange)}.",
            "Run `ALTER TABLE … ENGINE=InnoDB`: other kinds of tables lose rows when the server is killed, and on a "
            "cluster they stay on one node.",
        )
    ]
