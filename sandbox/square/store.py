"""What the look-alike remembers, in one SQLite file.

Payments and refunds are kept as a row per version. A read by id sees the newest version; a list sees
the newest that is older than the list lag: that makes lists eventually consistent, as the real ones are.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.square.errors import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS versions (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, written_at TEXT NOT NULL,
    body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS versions_by_id ON versions (kind, id, seq);
CREATE INDEX IF NOT EXISTS versions_by_moment ON versions (kind, written_at);
CREATE TABLE IF NOT EXISTS timers (kind TEXT, id TEXT, due_at TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS answers (
    endpoint TEXT, key TEXT, request TEXT NOT NULL, status INTEGER NOT NULL, answer TEXT NOT NULL,
    payment_id TEXT, PRIMARY KEY (endpoint, key));
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, card TEXT NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL, type TEXT NOT NULL, body TEXT NOT NULL,
    due_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL DEFAULT 'waiting');
CREATE INDEX IF NOT EXISTS deliveries_waiting ON deliveries (state, due_at);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
TABLES = ("versions", "timers", "answers", "tokens", "deliveries")


class Store:
    """One connection behind one lock: a transaction has the books to itself, from any thread."""

    def __init__(self, path: str) -> None:
        """Open or make the file and its folder; `:memory:` keeps everything in memory only."""
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript(f"PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; {SCHEMA}")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or nothing does. Refuses to nest (sqlite3.OperationalError)."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, statement: str, *values: object) -> list[sqlite3.Row]:
        """Run one statement and hand back its rows."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def close(self) -> None:
        """Close the file. Safe to call twice."""
        with self._lock:
            self._connection.close()

    def write(self, kind: str, body: Json, written_at: str) -> None:
        """Add the newest version of a payment or refund."""
        self.rows(
            "INSERT INTO versions (kind, id, written_at, body) VALUES (?, ?, ?, ?)",
            kind, body["id"], written_at, json.dumps(body),
        )  # fmt: skip

    def find(self, kind: str, identity: str) -> Json | None:
        """The newest version of one payment or refund."""
        rows = self.rows(
            "SELECT body FROM versions WHERE kind = ? AND id = ? ORDER BY seq DESC LIMIT 1", kind, identity
        )
        return json.loads(rows[0]["body"]) if rows else None

    def all_as_of(self, kind: str, moment: str, since: str = "") -> list[Json]:
        """Every payment or refund as it stood at a moment, in order of creation; only those written `since`, if given."""
        rows = self.rows(
            "SELECT body FROM versions JOIN (SELECT min(seq) AS first, max(seq) AS last FROM versions"
            " WHERE kind = ? AND written_at BETWEEN ? AND ? GROUP BY id) ON seq = last ORDER BY first",
            kind, since, moment,
        )  # fmt: skip
        return [json.loads(row["body"]) for row in rows]

    def set_timer(self, kind: str, identity: str, due_at: str) -> None:
        """Remember that something happens to this record by itself."""
        self.rows("INSERT OR REPLACE INTO timers (kind, id, due_at) VALUES (?, ?, ?)", kind, identity, due_at)

    def drop_timer(self, kind: str, identity: str) -> None:
        """Nothing will happen by itself any more."""
        self.rows("DELETE FROM timers WHERE kind = ? AND id = ?", kind, identity)

    def find_fact(self, name: str) -> str | None:
        """One remembered setting."""
        rows = self.rows("SELECT value FROM facts WHERE name = ?", name)
        return str(rows[0]["value"]) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Keep one setting over a restart."""
        self.rows("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", name, value)

    def wipe(self) -> None:
        """Forget every payment, refund, key, token and event."""
        with self.transaction():
            for table in TABLES:
                self.rows(f"DELETE FROM {table}")
