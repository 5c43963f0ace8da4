"""No table is left out of a backup, whichever part of the shop happened to be imported."""

from __future__ import annotations

import ast
from pathlib import Path

from app.backup.tables import all_tables
from tests.source import ROOT, imported_names, none_of, parse, python_files

HOME = ROOT / "app/backup/tables.py"


def makes_tables(path: Path) -> bool:
    """Whether a module has a class that is a table, or a table without a class."""
    return any(
        (isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "db.Model" for base in node.bases))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) in {"Table", "sa.Table", "db.Table"})
        for node in ast.walk(parse(path))
    )


def test_every_module_with_a_table_is_named() -> None:
    named = {name for name, _ in imported_names(HOME)}
    makers = [path for path in python_files("app") if path != HOME and makes_tables(path)]
    assert len(makers) > 10
    none_of(
        f"{dotted} has a table that app/backup/tables.py does not import"
        for path in makers
        if (dotted := ".".join(path.relative_to(ROOT).with_suffix("").parts)) not in named
    )


def test_the_tables_come_in_the_order_of_their_names() -> None:
    names = [table.name for table in all_tables()]
    assert names == sorted(names)
    assert {"mails", "orders", "rate_counts"} <= set(names)
