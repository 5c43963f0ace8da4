"""The back office's templates hold nothing that a strict content policy would block."""

from __future__ import annotations

import re
from pathlib import Path

import flask_admin
import pytest
from flask import Flask, render_template
from jinja2 import TemplateNotFound

from admin import init_admin
from app.extensions import db
from tests.source import ROOT

OURS = ROOT / "admin" / "templates"
STOCK = Path(flask_admin.__file__).parent / "templates" / "bootstrap4"
# An attribute that is a handler, a link that is a script, a style in a tag, a script in the page.
_BLOCKED = re.compile(
    r"""\son[a-z]+\s*=|javascript:|\sstyle\s*=|<style|<script(?![^>]*\ssrc=)""", re.IGNORECASE
)


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*.html")}


@pytest.mark.parametrize("name", sorted(names(OURS)))
def test_no_template_of_ours_has_an_inline_handler_script_or_style(name):
    found = _BLOCKED.search((OURS / name).read_text())
    assert not found, f"{name}: {found and found.group()}"


def test_flask_admins_own_templates_have_some_so_this_looks_for_the_right_thing():
    assert [name for name in sorted(names(STOCK)) if _BLOCKED.search((STOCK / name).read_text())]


@pytest.mark.parametrize("name", sorted(names(STOCK)))
def test_no_stock_template_can_be_rendered_unless_it_is_overridden(back_office: Flask, name):
    with back_office.app_context():
        try:
            template = back_office.jinja_env.get_template(name)
        except TemplateNotFound:
            return
    assert template.filename is not None
    assert Path(template.filename).is_relative_to(OURS)


def test_no_script_of_ours_evaluates_text():
    scripts = [path for path in (ROOT / "app" / "static").rglob("*.js") if "vendor" not in path.parts]
    assert {path.name for path in scripts} >= {"shop.js", "desk.js"}
    for path in scripts:
        assert not re.search(r"\beval\(|new Function|setTimeout\([\"']", path.read_text()), path.name


@pytest.fixture(scope="module")
def back_office() -> Flask:
    """Only what the loader of templates needs: no settings, no database."""
    app = Flask(__name__)
    app.config |= {"SECRET_KEY": "x", "SQLALCHEMY_DATABASE_URI": "sqlite://"}
    db.init_app(app)
    with app.app_context():
        init_admin(app)
    return app


def test_a_page_that_needs_a_stock_template_fails_instead_of_showing_it(back_office: Flask):
    with back_office.test_request_context(), pytest.raises(TemplateNotFound):
        render_template("admin/file/list.html")
