"""The ZIP that hosts get: what is in it, what is not, and that the same commit gives the same bytes."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.source import ROOT

TOP = re.compile(r"tradepost-\d+\.\d+\.\d+[^/]*/")


def build(folder: Path) -> Path:
    subprocess.run(
        [sys.executable, "bin/release", "--to", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    [archive] = folder.glob("tradepost-*.zip")
    return archive


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("release"))


@pytest.fixture(scope="session")
def names(release: Path) -> set[str]:
    """Paths inside the top folder."""
    with zipfile.ZipFile(release) as archive:
        assert all(TOP.match(name) for name in archive.namelist())
        return {name.partition("/")[2] for name in archive.namelist()}


def test_everything_a_host_needs_is_in_it(names: set[str]):
    assert names >= {
        "VERSION", "SHA256SUMS", "wsgi.py", "passenger_wsgi.py", "requirements-shared.txt", "constraints.txt",
        "requirements.lock", "deploy/nginx/site.conf", "deploy/nginx/closed.html", "deploy/systemd/tradepost-web.service",
        "app/__init__.py", "admin/__init__.py", "jobs/__init__.py", "migrations/env.py",
        "app/static/shop.css", "app/static/vendor/htmx.min.js", "public/static/shop.css", "public/.htaccess",
        "public/static/desk/desk.css", "public/static/desk/desk.js",
        "public/tradepost.cgi", "deploy/cgi.htaccess", ".htaccess", "instance/.htaccess",
        "instance/settings.example.toml",
    }  # fmt: skip


def test_nothing_else_is(names: set[str]):
    allowed = {"app", "admin", "jobs", "migrations", "deploy", "public", "instance"}
    folders = {name.partition("/")[0] for name in names if "/" in name}
    assert folders == allowed
    assert {name for name in names if name.startswith("instance/")} == {
        "instance/.htaccess",
        "instance/settings.example.toml",
    }
    assert not [name for name in names if "scss" in name or name.endswith((".pyc", ".db", ".pem"))]


def test_the_checksums_are_those_of_every_file(release: Path, tmp_path: Path):
    with zipfile.ZipFile(release) as archive:
        archive.extractall(tmp_path)
    [top] = tmp_path.iterdir()
    told = {}
    for line in (top / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ", 1)
        told[name] = digest
    found = {
        str(path.relative_to(top)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in top.rglob("*")
        if path.is_file() and path.name != "SHA256SUMS"
    }
    assert told == found
    assert (top / "VERSION").read_text().strip() == top.name.removeprefix("tradepost-")


def test_the_same_commit_gives_the_same_bytes(release: Path, tmp_path: Path):
    assert build(tmp_path).read_bytes() == release.read_bytes()


def test_the_cgi_starter_may_be_run_and_the_rest_only_read(release: Path):
    with zipfile.ZipFile(release) as archive:
        modes = {
            entry.filename.partition("/")[2]: entry.external_attr >> 16 & 0o777
            for entry in archive.infolist()
        }
    assert modes.pop("public/tradepost.cgi") == 0o755
    assert modes.pop("deploy/tradepost.cgi") == 0o755
    assert set(modes.values()) == {0o644}
