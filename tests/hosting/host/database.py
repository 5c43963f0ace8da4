"""The host's MariaDB: one user with a password and ten connections at most, and a look at how many are used."""

from __future__ import annotations

import threading
from typing import Self

import pymysql

from tests.servers import MariaDB

USER, PASSWORD = "account_shop", "correct horse & stable: 5%"
MOST_CONNECTIONS = 10


def make_database(server: MariaDB, name: str, most_connections: int = MOST_CONNECTIONS) -> None:
    """Empty, in the character set many old hosts still have; its user may have ten connections and no more."""
    server.home.chmod(0o711)  # the host's users reach the socket
    connection = pymysql.connect(unix_socket=str(server.socket), user="root")
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET latin1")
        cursor.execute(f"CREATE USER IF NOT EXISTS {USER}@localhost IDENTIFIED BY %s", (PASSWORD,))
        cursor.execute(
            f"GRANT ALL ON {name}.* TO {USER}@localhost WITH MAX_USER_CONNECTIONS {most_connections}"
        )


class Connections(threading.Thread):
    """Counts the connections of the shop's user five times a second; `most` is the highest count."""

    def __init__(self, server: MariaDB):
        super().__init__(daemon=True)
        self.most = 0
        self._server = server
        self._told = threading.Event()

    def run(self) -> None:
        connection = pymysql.connect(unix_socket=str(self._server.socket), user="root", autocommit=True)
        with connection, connection.cursor() as cursor:
            while not self._told.wait(0.2):
                cursor.execute("SELECT COUNT(*) FROM information_schema.processlist WHERE user = %s", (USER,))
                self.most = max(self.most, cursor.fetchone()[0])

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._told.set()
        self.join(timeout=5)


def ask(server: MariaDB, database: str, question: str) -> list[tuple[object, ...]]:
    connection = pymysql.connect(
        unix_socket=str(server.socket), user="root", database=database, autocommit=True
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(question)
        return list(cursor.fetchall())
