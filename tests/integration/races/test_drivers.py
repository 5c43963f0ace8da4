"""Both drivers for MySQL and MariaDB are full citizens: a shop on a host without a compiler has only PyMySQL."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from app.shared.database import engine_options, pick_driver, prepare_engine
from app.shared.transaction import is_lost_race
from tests.servers import MariaDB, new_database

DRIVERS = [
    name
    for name, module in [("mysqldb", "MySQLdb"), ("pymysql", "pymysql")]
    if importlib.util.find_spec(module)
]


@pytest.fixture(params=DRIVERS)
def engine(request: pytest.FixtureRequest, mariadb: MariaDB) -> Iterator[Engine]:
    url = pick_driver(new_database(mariadb, "drivers", f"mysql+{request.param}"))
    engine = sa.create_engine(url, **engine_options(url, 5))
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE shelf (id INT PRIMARY KEY, name VARCHAR(80), units INT CHECK (units >= 0))"
        )
        connection.exec_driver_sql("INSERT INTO shelf VALUES (1, 'Soap', 5), (2, 'Tea', 5)")
    yield engine
    engine.dispose()


def take(connection: Connection, row: int, units: int = 1) -> None:
    connection.exec_driver_sql(f"UPDATE shelf SET units = units - {units} WHERE id = {row}")


def fall_into_a_deadlock(engine: Engine) -> list[OperationalError]:
    """Two connections take the two rows in opposite order; returns what those that lost were told."""
    with engine.connect() as one, engine.connect() as other, ThreadPoolExecutor(2) as pool:
        take(one, 1)
        take(other, 2)
        crossing = [pool.submit(take, one, 2), pool.submit(take, other, 1)]
        return [error for each in crossing if isinstance(error := each.exception(), OperationalError)]


def test_the_loser_of_a_deadlock_is_known_as_one_that_may_try_again(engine: Engine) -> None:
    [error] = fall_into_a_deadlock(engine)
    assert is_lost_race(error)


def test_a_broken_check_is_no_lost_race(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as broken:
        take(connection, 1, units=6)
    assert not is_lost_race(broken.value)


def test_text_of_any_script_comes_back_as_it_went_in(engine: Engine) -> None:
    name = "Crème brûlée 🍮 抹茶"
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE shelf SET name = :name WHERE id = 1"), {"name": name})
        assert connection.scalar(sa.text("SELECT name FROM shelf WHERE id = 1")) == name


def test_each_statement_sees_what_others_have_committed(engine: Engine) -> None:
    """READ COMMITTED: under the servers' own default the sign-in loader's first SELECT would freeze the view."""
    with engine.connect() as reader:
        assert reader.scalar(sa.text("SELECT units FROM shelf WHERE id = 1")) == 5
        with engine.begin() as writer:
            take(writer, 1)
        assert reader.scalar(sa.text("SELECT units FROM shelf WHERE id = 1")) == 4


def test_a_connection_that_cannot_roll_back_is_closed_and_the_next_one_is_sound(engine: Engine) -> None:
    """As at a cluster's node that lost the majority: the page is made by then, and must not be lost over it."""
    prepare_engine(engine)
    with engine.connect() as broken:
        take(broken, 1)
        broken.connection.dbapi_connection.close()  # type: ignore[union-attr]
        broken.rollback()
    with engine.connect() as sound:
        assert sound.exec_driver_sql("SELECT units FROM shelf WHERE id = 1").scalar() == 5
