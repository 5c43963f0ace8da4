"""The shop's own source, as the rules about it read it: files, trees, places."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHOP = ("app", "admin", "jobs")
CODE = (*SHOP, "sandbox", "bench")
TEMPLATES = ("app/templates", "admin/templates")


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def python_files(*folders: str) -> list[Path]:
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [*found, ROOT / "wsgi.py"] if "app" in folders else found


def templates(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.html"))]


def at(path: Path, node: ast.AST | int) -> str:
    line = node if isinstance(node, int) else getattr(node, "lineno", 0)
    return f"{path.relative_to(ROOT)}:{line}"


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call with its dotted name as far as it is one: `db.session.commit`, `float`."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported_names(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every name a file imports, with its module: `os.environ`, `time.time`, `os`."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((f"{module}.{alias.name}", node) for alias in node.names)


def none_of(found: Iterable[str]) -> None:
    places = sorted(set(found))
    assert not places, "\n" + "\n".join(places)


# The name of the property (`record_property`) under which a test leaves words for the end of the whole run.
AT_THE_END = "at the end"
