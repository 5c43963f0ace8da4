"""Counts what a piece of code asks of the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import event

from tests.worlds import engine_of

_NOT_QUERIES = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT", "PRAGMA")
_READS = ("SELECT", "SHOW", "EXPLAIN", "WITH")


@dataclass
class Queries:
    """The statements that ran, in order."""

    statements: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.statements)

    @property
    def writes(self) -> list[str]:
        return [each for each in self.statements if not each.upper().startswith(_READS)]

    def __str__(self) -> str:
        return f"{self.count} queries:\n" + "\n".join(" ".join(each.split()) for each in self.statements)


@contextmanager
def counting_queries(app: Flask) -> Iterator[Queries]:
    """Yield a record that fills while the block runs; savepoints and transactions are not counted."""
    engine = engine_of(app)
    queries = Queries()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        text = statement.lstrip()
        if not text.upper().startswith(_NOT_QUERIES):
            queries.statements.append(text)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield queries
    finally:
        event.remove(engine, "before_cursor_execute", note)
