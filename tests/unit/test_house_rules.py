"""House rules a machine can check, with the standard library alone: docs/house.md says why each is one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.source import (
    CODE,
    ROOT,
    SHOP,
    TEMPLATES,
    at,
    calls,
    functions,
    imported_names,
    none_of,
    parse,
    python_files,
    templates,
)

EMPTY_NAMES = {"util", "utils", "helper", "helpers", "misc", "manager", "common", "service", "services"}
TIME_READERS = {"now", "utcnow", "today"}
# A duration is measured with these; they tell no time of day.
STOPWATCHES = {"monotonic", "perf_counter", "sleep"}
LONGEST_FILE = 300
LONGEST_FUNCTION = 50


def test_nothing_is_imported_inside_a_function():
    none_of(
        at(path, node)
        for path in python_files(*CODE)
        for function in functions(parse(path))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    )


def test_only_the_transaction_commits():
    home = ROOT / "app/shared/transaction.py"
    none_of(
        at(path, call)
        for path in python_files(*CODE)
        for name, call in calls(path)
        if name.endswith("commit") and "session" in name and path != home
    )
    assert any(name == "session.commit" for name, _ in calls(home))


# Run once in a shop's life by one person; and the back office's forms, which say so and are sent again by hand.
NOT_RUN_AGAIN = {"fill_shop", "set_up_shop", "RowWriter._try"}


def test_whoever_loses_a_race_runs_again():
    """On a cluster every transaction may be told 1213 at its commit: one that does not run again fails for nothing."""
    found = set()
    for path in python_files(*SHOP):
        for name, function in named_functions(parse(path)):
            if opens_a_transaction(function):
                is_run_again = "retry_lost_races" in map(ast.unparse, function.decorator_list)
                found |= set() if is_run_again else {name}
    assert found == NOT_RUN_AGAIN


def named_functions(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods, the latter with their class's name before them."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
            yield from ((f"{node.name}.{each.name}", each) for each in methods)


def opens_a_transaction(function: ast.FunctionDef) -> bool:
    opened = (
        item.context_expr for node in ast.walk(function) if isinstance(node, ast.With) for item in node.items
    )
    return any(isinstance(each, ast.Call) and ast.unparse(each.func) == "transaction" for each in opened)


def test_one_file_reads_the_clock():
    home = ROOT / "app/shared/clock.py"
    none_of(at(path, node) for path in python_files(*SHOP) for node in clock_reads(path) if path != home)
    assert list(clock_reads(home))


def clock_reads(path: Path) -> Iterator[ast.AST]:
    for name, call in calls(path):
        owner, _, method = name.rpartition(".")
        if method in TIME_READERS and owner.split(".")[-1] in {"datetime", "date", "dt"}:
            yield call
        if owner == "time" and method not in STOPWATCHES:
            yield call
        if method.lower() in {"now", "current_timestamp", "utc_timestamp"} and owner.endswith("func"):
            yield call  # the database's clock is another clock
    for name, node in imported_names(path):
        if name.startswith("time.") and name.removeprefix("time.") not in STOPWATCHES:
            yield node


def test_one_file_reads_the_environment():
    home = ROOT / "app/settings.py"
    none_of(
        at(path, node) for path in python_files(*SHOP) for node in environment_reads(path) if path != home
    )
    assert list(environment_reads(home))


def environment_reads(path: Path) -> Iterator[ast.AST]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Attribute) and ast.unparse(node) in {
            "os.environ",
            "os.getenv",
            "os.environb",
        }:
            yield node
    for name, node in imported_names(path):
        if name in {"os.environ", "os.getenv"}:
            yield node


def test_no_float_comes_near_money():
    folders = ("app/pricing", "app/payments", "app/shared", "app/checkout", "app/orders", "app/carts")
    none_of(
        at(path, node)
        for path in python_files(*folders)
        for node in ast.walk(parse(path))
        if (isinstance(node, ast.Call) and ast.unparse(node.func) == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float) and path.name not in NOT_MONEY)
        or (isinstance(node, ast.arg | ast.AnnAssign) and node.annotation and is_float(node.annotation))
    )


# Seconds between tries and time-outs are no amounts.
NOT_MONEY = {"transaction.py", "square_gateway.py", "breaker.py"}


def is_float(annotation: ast.expr) -> bool:
    return any(isinstance(node, ast.Name) and node.id == "float" for node in ast.walk(annotation))


def test_every_kind_of_later_work_has_a_handler():
    kinds = {
        target.id
        for node in class_named(ROOT / "app/outbox/kinds.py", "Kind").body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    handled = set(re.findall(r"\bKind\.([A-Z_]+):", (ROOT / "jobs/registry.py").read_text()))
    assert kinds
    assert handled == kinds


def class_named(path: Path, name: str) -> ast.ClassDef:
    [found] = [node for node in ast.walk(parse(path)) if isinstance(node, ast.ClassDef) and node.name == name]
    return found


def test_every_kind_of_later_work_is_posted_by_somebody():
    posted = {
        name
        for path in python_files(*SHOP)
        if path.name not in {"kinds.py", "registry.py"}
        for name in re.findall(r"\bKind\.([A-Z_]+)\b", path.read_text())
    }
    kinds = set(re.findall(r"^    ([A-Z_]+) = ", (ROOT / "app/outbox/kinds.py").read_text(), re.MULTILINE))
    none_of(f"nobody posts {name}" for name in kinds - posted)


def test_every_blueprint_is_listed():
    listed = {name for name, _ in imported_names(ROOT / "app/blueprints.py")}
    none_of(
        f"{path.relative_to(ROOT)} is not in app/blueprints.py"
        for path in python_files("app")
        if any(name in {"Blueprint", "flask.Blueprint"} for name, _ in calls(path))
        and not any(name.startswith(dotted(path) + ".") for name in listed)
    )


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def test_file_names_say_what_is_inside():
    none_of(
        str(path.relative_to(ROOT))
        for path in python_files(*CODE, "tests")
        if EMPTY_NAMES & {path.stem, *path.stem.split("_"), *path.relative_to(ROOT).parts[:-1]}
    )


def test_files_and_functions_stay_short():
    none_of(
        f"{path.relative_to(ROOT)} has {lines} lines"
        for path in python_files(*CODE)
        if (lines := len(path.read_text().splitlines())) > LONGEST_FILE
    )
    none_of(
        f"{at(path, function)} {function.name}() has {lines} lines"
        for path in python_files(*CODE)
        for function in functions(parse(path))
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    )


def test_public_functions_of_use_cases_and_rules_say_what_they_do():
    """One file, one verb: whoever calls it reads its docstring, not its body."""
    doors = {"routes.py", "forms.py", "models.py", "cli.py"}
    none_of(
        f"{at(path, node)} {node.name}() has no docstring"
        for path in sorted((ROOT / "app").glob("*/*.py"))
        if path.name not in doors and path.parent.name not in {"templates", "static"}
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and opens_transaction(node)
        if not ast.get_docstring(node)
    )


def opens_transaction(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.With) and "transaction(" in ast.unparse(node.items[0])
        for node in ast.walk(function)
    )


def test_only_use_cases_open_transactions():
    doors = {"routes.py", "forms.py", "models.py", "queries.py"}
    none_of(
        at(path, call)
        for path in python_files("app")
        if path.name in doors
        for name, call in calls(path)
        if name == "transaction"
    )


def test_nothing_is_left_for_later():
    words = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX|NotImplemented" + r"Error)\b")
    files = [*python_files(*CODE, "tests"), *templates(*TEMPLATES)]
    none_of(
        at(path, number)
        for path in files
        if path != Path(__file__)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if words.search(line)
    )
