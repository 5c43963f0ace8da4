"""`python -m tests.cluster.throughput`: what three nodes do more, or less, than one; every kind of work for five seconds.

All three share this machine, so reads gain nothing here; what is seen is what writing together costs.
"""

from __future__ import annotations

import random
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click
import pymysql
from pymysql.cursors import Cursor

from tests.cluster.galera import Galera, Node
from tests.faults.world import above
from tests.servers import new_database

_THREADS, _SECONDS, _SKUS = 6, 5.0, 200
_LOST = frozenset({1205, 1213})
_DATABASE = "throughput"
Work = Callable[[Cursor, random.Random], None]


def read(cursor: Cursor, dice: random.Random) -> None:
    """Twenty rows, as a page of a listing."""
    cursor.execute("SELECT id, units FROM stock WHERE id > %s ORDER BY id LIMIT 20", (dice.randrange(_SKUS),))
    cursor.fetchall()


def read_after_waiting(cursor: Cursor, dice: random.Random) -> None:
    """The same on a node that caught up first."""
    cursor.execute("SET STATEMENT wsrep_sync_wait=1 FOR SELECT 1")
    cursor.fetchall()
    read(cursor, dice)


def sell_one_of_many(cursor: Cursor, dice: random.Random) -> None:
    """A conditional UPDATE of one of two hundred skus."""
    _sell(cursor, dice.randrange(_SKUS) + 1)


def sell_of_one(cursor: Cursor, _dice: random.Random) -> None:
    """Everybody wants the same sku; an order's number comes from such a row, too."""
    _sell(cursor, 1)


def _sell(cursor: Cursor, sku_id: int) -> None:
    cursor.execute("BEGIN")
    cursor.execute("UPDATE stock SET units = units - 1 WHERE id = %s AND units >= 1", (sku_id,))
    cursor.execute("INSERT INTO sales (sku_id) VALUES (%s)", (sku_id,))
    cursor.execute("COMMIT")


class Crowd:
    """Some threads at some nodes, each with a connection of its own."""

    def __init__(self, nodes: list[Node], work: Work):
        self._nodes, self._work = nodes, work
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.done = self.lost = 0

    def run(self) -> None:
        threads = [threading.Thread(target=self._go_on, args=(number,)) for number in range(_THREADS)]
        for thread in threads:
            thread.start()
        time.sleep(_SECONDS)
        self._stop.set()
        for thread in threads:
            thread.join()

    def _go_on(self, number: int) -> None:
        node, dice, done, lost = self._nodes[number % len(self._nodes)], random.Random(number), 0, 0
        with pymysql.connect(
            unix_socket=str(node.socket), user="root", database=_DATABASE, autocommit=True
        ) as connection:
            while not self._stop.is_set():
                try:
                    self._work(connection.cursor(), dice)
                    done += 1
                except pymysql.OperationalError as error:
                    if error.args[0] not in _LOST:
                        raise
                    connection.rollback()
                    lost += 1
        with self._lock:
            self.done, self.lost = self.done + done, self.lost + lost


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Galera(above(), Path(folder)) as galera:
        _fill(galera.nodes[0])
        click.echo(f"{_THREADS} connections, {_SECONDS:.0f} s each; lost: told 1213 and run again")
        for work in (read, read_after_waiting, sell_one_of_many, sell_of_one):
            click.echo((work.__doc__ or "").strip())
            for nodes in (galera.nodes[:1], galera.nodes):
                crowd = Crowd(nodes, work)
                crowd.run()
                share = 100 * crowd.lost / max(crowd.done, 1)
                rate = crowd.done / _SECONDS
                click.echo(f"  at {len(nodes)} of 3 nodes {rate:8.0f} a second, lost {share:.0f} in 100")


def _fill(node: Node) -> None:
    new_database(node, _DATABASE)
    with pymysql.connect(unix_socket=str(node.socket), user="root", database=_DATABASE) as connection:
        cursor = connection.cursor()
        cursor.execute("CREATE TABLE stock (id INT PRIMARY KEY, units INT NOT NULL)")
        cursor.execute("CREATE TABLE sales (id INT PRIMARY KEY AUTO_INCREMENT, sku_id INT NOT NULL)")
        cursor.executemany("INSERT INTO stock VALUES (%s, 100000000)", [(sku + 1,) for sku in range(_SKUS)])
        connection.commit()


if __name__ == "__main__":
    main()
