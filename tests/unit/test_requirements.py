"""What is installed is what is named: exact versions, and nothing imported that no file asks for."""

from __future__ import annotations

import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.source import CODE, ROOT, SHOP, imported_names, none_of, python_files

RUNTIME = ["requirements.txt"]
# Of the shop, too, but only where a setting asks for them.
EXTRAS = ["requirements-s3.txt", "requirements-sentry.txt"]
SANDBOX = [*RUNTIME, "requirements-sandbox.txt"]
TESTS = [*SANDBOX, *EXTRAS, "requirements-dev.txt"]
OUR_OWN = {*CODE, "tests", "wsgi", "upgrading"}


def read_requirements(*names: str) -> dict[str, str]:
    """Package name (normalised) → what follows it, comments left out."""
    lines = [
        line.partition("#")[0].strip() for name in names for line in (ROOT / name).read_text().splitlines()
    ]
    found = (
        re.fullmatch(r"([\w.-]+)(?:\[\w+\])?(.*)", line)
        for line in lines
        if line and not line.startswith("-")
    )
    return {normal(match[1]): match[2] for match in found if match}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("name", [*TESTS, "constraints.txt"])
def test_every_version_is_exact(name: str):
    requirements = read_requirements(name)
    assert requirements
    none_of(
        f"{package}{rest}" for package, rest in requirements.items() if not re.fullmatch(r"==[\w.]+", rest)
    )


def test_both_drivers_for_mysql_are_named():
    assert {"mysqlclient", "pymysql"} <= read_requirements("requirements.txt").keys()


@pytest.mark.parametrize(
    ("folders", "files"),
    [(SHOP, [*RUNTIME, *EXTRAS]), (("sandbox",), SANDBOX), (("bench", "tests"), TESTS)],
    ids=["shop", "sandbox", "tests"],
)
def test_what_is_imported_is_required(folders: tuple[str, ...], files: list[str]):
    required = read_requirements(*files).keys()
    distributions = packages_distributions()
    none_of(
        f"{path.relative_to(ROOT)} imports {package}, which {files[-1]} does not name"
        for path in python_files(*folders)
        for package in third_party(path)
        if not required & {normal(name) for name in distributions.get(package, [])}
    )


def third_party(path: Path) -> set[str]:
    packages = {name.split(".")[0] for name, _ in imported_names(path)}
    return packages - sys.stdlib_module_names - OUR_OWN - {""}


def test_what_only_some_shops_need_is_imported_by_its_one_module_alone():
    homes = {
        "boto3": "app/storage/s3.py",
        "botocore": "app/storage/s3.py",
        "sentry_sdk": "app/sentry_reports.py",
    }
    none_of(
        f"{path.relative_to(ROOT)} imports {package}"
        for path in python_files(*SHOP)
        for package in third_party(path) & homes.keys()
        if path != ROOT / homes[package]
    )
