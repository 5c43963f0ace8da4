"""docs/security.md walks the whole standard, and every test it names is there."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator

from tests.source import ROOT, none_of

PAPER = ROOT / "docs/security.md"
# Levels 1 and 2 of OWASP ASVS 5.0.0: section → its numbers, "1-9" for a run.
ASVS = {
    "1.1": "1-2", "1.2": "1-9", "1.3": "1-11", "1.4": "1-3", "1.5": "1-2",
    "2.1": "1-3", "2.2": "1-3", "2.3": "1-4", "2.4": "1-1",
    "3.2": "1-2", "3.3": "1-4", "3.4": "1-6", "3.5": "1-5", "3.7": "1-2",
    "4.1": "1-3", "4.2": "1-1", "4.3": "1-2", "4.4": "1-4",
    "5.1": "1-1", "5.2": "1-3", "5.3": "1-2", "5.4": "1-3",
    "6.1": "1-3", "6.2": "1-12", "6.3": "1-4", "6.4": "1-4", "6.5": "1-5", "6.6": "1-3", "6.8": "1-4",
    "7.1": "1-3", "7.2": "1-4", "7.3": "1-2", "7.4": "1-5", "7.5": "1-2", "7.6": "1-2",
    "8.1": "1-2", "8.2": "1-3", "8.3": "1-1", "8.4": "1-1",
    "9.1": "1-3", "9.2": "1-4",
    "10.1": "1-2", "10.2": "1-2", "10.3": "1-4", "10.4": "1-11", "10.5": "1-5", "10.6": "1-2", "10.7": "1-3",
    "11.1": "1-2", "11.2": "1-3", "11.3": "1-3", "11.4": "1-4", "11.5": "1-1", "11.6": "1-1",
    "12.1": "1-3", "12.2": "1-2", "12.3": "1-4",
    "13.1": "1-1", "13.2": "1-5", "13.3": "1-2", "13.4": "1-5",
    "14.1": "1-2", "14.2": "1-4", "14.3": "1-3",
    "15.1": "1-3", "15.2": "1-3", "15.3": "1-7",
    "16.1": "1-1", "16.2": "1-5", "16.3": "1-4", "16.4": "1-3", "16.5": "1-3",
    "17.1": "1-1", "17.2": "1-4", "17.3": "1-2",
}  # fmt: skip
# The standard has 70 requirements of level 1 and 183 of level 2.
HOW_MANY = 253
ANSWERS = {"yes", "host", "no need", "not yet"}
_ROW = re.compile(r"^\| ([\d., ]+) \| ([a-z ]+) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"(test_\w+\.py)::(test_\w+)")


def numbers_of_the_standard() -> list[str]:
    runs = ((section, *map(int, run.split("-"))) for section, run in ASVS.items())
    return [f"{section}.{number}" for section, first, last in runs for number in range(first, last + 1)]


def rows() -> Iterator[tuple[str, str, str]]:
    for numbers, answer, how in _ROW.findall(PAPER.read_text()):
        yield from ((number, answer, how) for number in numbers.split(", "))


def test_every_requirement_is_answered_once():
    wanted, answered = numbers_of_the_standard(), [number for number, _, _ in rows()]
    assert len(wanted) == HOW_MANY
    assert not [number for number, count in Counter(answered).items() if count > 1]
    assert (set(wanted) - set(answered), set(answered) - set(wanted)) == (set(), set())


def test_every_answer_is_one_of_four_and_says_how():
    none_of(f"{number}: {answer}" for number, answer, how in rows() if answer not in ANSWERS or len(how) < 8)


def test_every_test_it_names_exists():
    known = {
        (path.name, node.name)
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
    }
    named = _TEST.findall(PAPER.read_text())
    assert len(named) > 100
    none_of(f"{file}::{name}" for file, name in dict.fromkeys(named) if (file, name) not in known)


def test_every_file_and_setting_it_names_exists():
    text = PAPER.read_text()
    example = (ROOT / "instance/settings.example.toml").read_text()
    files = set(re.findall(r"\b((?:docs|app|tests)/[\w/]+\.(?:md|py))\b", text))
    settings = set(re.findall(r"`([A-Z]+_[A-Z_]+)(?: = \w+)?`", text))
    none_of(name for name in files if not (ROOT / name).is_file())
    none_of(name for name in settings if f"{name} = " not in example)
