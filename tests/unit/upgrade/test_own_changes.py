"""What the host and the owner changed stays theirs."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from app.upgrade.htaccess import merge
from app.upgrade.own_changes import OwnChanges, find_changes, sums_of
from app.upgrade.refused import UpgradeRefused
from app.upgrade.release_zip import Release, read_release
from app.upgrade.stage import check_code, stage
from tests.unit.upgrade.test_release_zip import write_zip

OURS, NEWER = "# ours\nOptions -Indexes\n\nRewriteEngine On\n", "# ours, newer\nRewriteEngine On\n"
PHP = "# php -- BEGIN cPanel-generated handler, do not edit\nAddHandler x .php\n# php -- END cPanel-generated handler, do not edit\n"
CLOUD = '# DO NOT REMOVE. CLOUDLINUX PASSENGER CONFIGURATION BEGIN\nPassengerAppRoot "/home/you"\n# DO NOT REMOVE. CLOUDLINUX PASSENGER CONFIGURATION END\n'


@pytest.mark.parametrize(
    ("theirs", "merged"),
    [
        (OURS, NEWER),
        (OURS + "\n" + PHP, NEWER + "\n" + PHP),
        (CLOUD + "\n" + OURS + PHP, CLOUD + "\n" + NEWER + "\n" + PHP),
        (CLOUD + PHP + OURS, CLOUD + PHP + "\n" + NEWER),
        (OURS + "Deny from 10.0.0.1\n", None),
        (OURS.replace("-Indexes", "+Indexes"), None),
        ("# ours\n" + PHP + "Options -Indexes\n\nRewriteEngine On\n", None),
        (OURS + "# BEGIN and never an end\n", None),
    ],
)
def test_blocks_of_a_panel_stay_around_what_is_ours(theirs: str, merged: str | None) -> None:
    assert merge(theirs, OURS, NEWER) == merged


def test_a_shop_tells_what_was_changed_in_it(tmp_path: Path) -> None:
    files = (
        "app/a.py",
        "app/templates/b.html",
        "public/.htaccess",
        "deploy/nginx/site.conf",
        "passenger_wsgi.py",
        "wsgi.py",
    )
    shop = make_shop(tmp_path / "shop", {name: name for name in files})
    assert find_changes(shop, sums_of(shop)) == OwnChanges((), (), ())
    for name in ("app/templates/b.html", "public/.htaccess", "passenger_wsgi.py"):
        (shop / name).write_text("mine")
    (shop / "app/__pycache__").mkdir()
    (shop / "app/__pycache__/a.pyc").touch()
    (shop / "app/own.css").touch()
    (shop / "public/error_log").touch()
    found = find_changes(shop, sums_of(shop))
    assert set(found.hosts) == {"public/.htaccess", "passenger_wsgi.py"}
    assert found.code == ("app/templates/b.html",)
    assert found.extra == ("app/own.css",)
    with pytest.raises(UpgradeRefused, match=r"app/templates/b\.html"):
        check_code(found, may_replace=False)
    check_code(found, may_replace=True)


def test_a_working_copy_is_told_to_use_git(tmp_path: Path) -> None:
    with pytest.raises(UpgradeRefused, match="not unpacked from a release"):
        sums_of(tmp_path)


def test_theirs_stays_and_ours_lies_beside_it(tmp_path: Path) -> None:
    before = {
        "deploy/passenger.htaccess": OURS, "deploy/cgi.htaccess": OURS + "CGI\n", "public/.htaccess": OURS,
        "passenger_wsgi.py": "before", "deploy/nginx/site.conf": "same", "app/a.py": "1",
    }  # fmt: skip
    shop = make_shop(tmp_path / "shop", before)
    (shop / "public/.htaccess").write_text(OURS + PHP)
    (shop / "passenger_wsgi.py").write_text("mine")
    (shop / "deploy/nginx/site.conf").write_text("mine, too")
    (shop / "app/own.css").write_text("own")
    said: list[str] = []
    new = stage_now(tmp_path, shop, said)
    assert (new / "public/.htaccess").read_text() == NEWER + "\n" + PHP
    assert (new / "passenger_wsgi.py").read_text() == "mine"
    assert (new / "passenger_wsgi.py.new").read_text() == "now"
    assert (new / "deploy/nginx/site.conf").read_text() == "mine, too"
    assert not (new / "deploy/nginx/site.conf.new").exists()
    assert (new / "app/own.css").read_text() == "own"
    assert any("passenger_wsgi.py.new" in line for line in said)


def test_a_shop_by_cgi_stays_one(tmp_path: Path) -> None:
    before = {
        "deploy/passenger.htaccess": OURS,
        "deploy/cgi.htaccess": OURS + "CGI\n",
        "public/.htaccess": OURS,
    }
    shop = make_shop(tmp_path / "shop", before)
    (shop / "public/.htaccess").write_text(OURS + "CGI\n" + PHP)
    assert (stage_now(tmp_path, shop, []) / "public/.htaccess").read_text() == NEWER + "CGI\n\n" + PHP


def make_shop(shop: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (shop / name).parent.mkdir(parents=True, exist_ok=True)
        (shop / name).write_text(text)
    sums = (f"{hashlib.sha256(text.encode()).hexdigest()}  {name}\n" for name, text in files.items())
    (shop / "SHA256SUMS").write_text("".join(sums))
    return shop


def stage_now(tmp_path: Path, shop: Path, said: list[str]) -> Path:
    sums = sums_of(shop)
    stage(newer(tmp_path), shop, sums, find_changes(shop, sums), tmp_path / "new", said.append)
    return tmp_path / "new"


def newer(folder: Path) -> Release:
    files = {
        "VERSION": "1.2.0\n", "deploy/passenger.htaccess": NEWER, "deploy/cgi.htaccess": NEWER + "CGI\n",
        "public/.htaccess": NEWER, "passenger_wsgi.py": "now", "deploy/nginx/site.conf": "same", "app/a.py": "2",
    }  # fmt: skip
    return read_release(write_zip(folder, {name: text.encode() for name, text in files.items()}))
