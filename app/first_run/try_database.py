"""Sign in to the database with the driver the shop uses, and see whether it can live there."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from sqlalchemy import Connection, MetaData, create_engine, inspect, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.first_run.draft import Answers, Draft
from app.first_run.forms import MYSQL
from app.first_run.outcome import Outcome, bad, good
from app.first_run.planned import database_url
from app.shared.database import engine_options, pick_driver

# The oldest that know SKIP LOCKED and check constraints (docs/hosting.md).
_OLDEST = {"MariaDB": (10, 6), "MySQL": (8, 0, 16)}
_LEAST_ROOM = 100 * 1024 * 1024
_TAKEN = (
    "The shop {name!r} lives in this database already. To open that one, put its settings.toml back into the "
    "instance folder; for a new shop make an empty database."
)
_OUR_TABLES = {"alembic_version", "shop_facts"}
# MySQL's own numbers for what goes wrong; both drivers hand them on.
_WORDS = {
    1044: "This user may not use the database {name}. In your host's panel add the user to the database with all privileges.",
    1045: "The database does not accept this user and password. Look for spaces or a missing prefix: many hosts put your "
    "account's name before both, like account_shop.",
    1049: "There is no database called {name}. Copy its name from your host's panel; many hosts put your account's name "
    "before it.",
    1142: "This user may not make tables. In your host's panel give it all privileges on the database.",
    1040: "The database has no connection free at the moment. Try again in a minute.",
    1203: "This user has no connection free at the moment. Try again in a minute.",
    1226: "This user has no connection free at the moment. Try again in a minute.",
    1698: "The database does not let this user in with a password. Make a new database user in your host's panel.",
    2002: "Nobody answers at {host}. On most hosts the server is called localhost.",
    2003: "Nobody answers at {host}. On most hosts the server is called localhost.",
    2005: "There is no server called {host}. On most hosts it is called localhost.",
}


def try_database(draft: Draft, instance: Path) -> Outcome:
    """Whether the shop's tables can be made there: found, let in, new enough, allowed, and nobody else's."""
    answers = draft.step("database")
    url = pick_driver(database_url(answers, instance))
    is_begun = draft.begun == database_url(answers, instance)
    is_file = answers.get("kind") != MYSQL
    if is_file and not (room := _try_folder(instance)).is_good:
        return room
    if is_file and not (instance / "shop.db").exists():
        return room
    engine = create_engine(url, **engine_options(url, pool_size=1))
    try:
        with engine.connect() as connection:
            if not is_begun and (name := _find_shop(connection)):
                return bad(_TAKEN.format(name=name))
            return room if is_file else _look_around(connection, answers)
    except SQLAlchemyError as error:
        return bad(_in_words(error, answers))
    finally:
        engine.dispose()


def _try_folder(instance: Path) -> Outcome:
    if not os.access(instance, os.W_OK):
        return bad(
            f"The folder {instance} cannot be written to. Give its owner the right to (permissions 700)."
        )
    if shutil.disk_usage(instance).free < _LEAST_ROOM:
        return bad("Less than 100 MB are free here. Make room first.")
    return good("The shop's folder can be written to. The database will be the file shop.db in it.")


def _look_around(connection: Connection, answers: Answers) -> Outcome:
    product, version = _version(connection)
    if version < _OLDEST[product]:
        oldest = ".".join(map(str, _OLDEST[product]))
        return bad(
            f"This is {product} {'.'.join(map(str, version))}; the shop needs {oldest} or newer. "
            "Ask your host for a newer one."
        )
    tables = set(inspect(connection).get_table_names())
    if tables and not tables & _OUR_TABLES:
        return bad(
            f"The database {answers['name']} is in use by another program ({len(tables)} tables). "
            "Make an empty one for the shop."
        )
    _make_and_drop_a_table(connection)
    return good(f"Connected to {product} {'.'.join(map(str, version))}. The user may make tables.")


def _version(connection: Connection) -> tuple[str, tuple[int, ...]]:
    words = str(connection.scalar(text("SELECT VERSION()")))
    product = "MariaDB" if "mariadb" in words.lower() else "MySQL"
    # Old MariaDB calls itself 5.5.5-10.6.… so that old clients let it in.
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", words.removeprefix("5.5.5-"))
    return product, tuple(int(part) for part in found.groups()) if found else (0, 0, 0)


def _find_shop(connection: Connection) -> str:
    """The name of the shop that lives there; "" where there is none."""
    if "shop_facts" not in inspect(connection).get_table_names():
        return ""
    facts = MetaData()
    facts.reflect(connection, only=["shop_facts"])
    return str(connection.scalar(select(facts.tables["shop_facts"].c.name)) or "")


def _make_and_drop_a_table(connection: Connection) -> None:
    connection.execute(text("DROP TABLE IF EXISTS tradepost_trial"))
    connection.execute(text("CREATE TABLE tradepost_trial (id INT PRIMARY KEY) ENGINE=InnoDB"))
    connection.execute(text("DROP TABLE tradepost_trial"))


def _in_words(error: SQLAlchemyError, answers: Answers) -> str:
    arguments = getattr(getattr(error, "orig", None), "args", ()) or ("",)
    host = answers.get("host", "")
    if arguments[0] in _WORDS:
        return _WORDS[arguments[0]].format(name=answers.get("name", ""), host=host)
    return f"The database did not do what was asked of it. It said: {str(arguments[-1])[:200]}"
