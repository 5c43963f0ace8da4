"""What Apache and Passenger read: paths decoded once, rules that keep private files private."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.shared.passenger import DecodedPaths
from tests.source import ROOT

DEPLOY = ROOT / "deploy"


def seen_path(**environ: str) -> str:
    """The path the shop sees behind the middleware, as text."""
    seen: dict[str, str] = {}

    def shop(environ, _start_response):
        seen.update(environ)
        return [b""]

    list(DecodedPaths(shop)(environ, lambda *_: None))
    return seen["PATH_INFO"].encode("latin-1").decode()


@pytest.mark.parametrize(
    ("encoded", "asked", "path"),
    [
        ("/catalog/tea-towels", "/catalog/tea-towels?q=1", "/catalog/tea-towels"),
        ("/p/caf%c3%a9", "/p/caf%C3%A9", "/p/café"),
        ("/a%20b", "/a%20b?c=%20", "/a b"),
        ("/100%2525", "/100%2525", "/100%25"),
        # A Passenger that decodes by itself: nothing is decoded a second time.
        ("/100%25", "/100%2525", "/100%25"),
    ],
)
def test_paths_are_decoded_once(encoded: str, asked: str, path: str):
    assert seen_path(PATH_INFO=encoded, REQUEST_URI=asked, SCRIPT_NAME="") == path


def test_a_shop_below_another_address_keeps_its_own_part_of_the_path():
    assert seen_path(PATH_INFO="/a%20b", REQUEST_URI="/shop/a%20b", SCRIPT_NAME="/shop") == "/a b"


@pytest.mark.parametrize("name", ["passenger.htaccess", "cgi.htaccess"])
def test_both_ways_redirect_to_https_and_show_no_hidden_file(name: str):
    rules = (DEPLOY / name).read_text()
    assert re.search(r"RewriteRule \^ https://%\{HTTP_HOST\}%\{REQUEST_URI\} \[R=301,L\]", rules)
    assert r"RewriteRule (^|/)\.(?!well-known(/|$)) - [F]" in rules
    assert "Options -Indexes" in rules


def test_what_both_ways_share_is_the_same():
    """Below the heads, up to what each needs for itself."""

    def shared(name: str) -> str:
        lines = (DEPLOY / name).read_text().splitlines()
        start = lines.index("Options -Indexes +SymLinksIfOwnerMatch")
        end = next(number for number, line in enumerate(lines) if line.endswith("- [F]"))
        return "\n".join(lines[start : end + 1])

    assert shared("passenger.htaccess") == shared("cgi.htaccess")


def test_a_file_is_kept_for_a_year_only_where_its_address_names_its_content():
    """Three ways to serve it, one rule: nginx, Apache on a server, and a shared host (whose mark another file reads)."""
    mark = re.search(
        r"RewriteCond %\{QUERY_STRING\} (\S+)\nRewriteRule \^static/ - \[E=(\w+):1\]",
        (DEPLOY / "passenger.htaccess").read_text(),
    )
    assert mark
    for query, is_named in (("v=1a", True), ("a=b&v=1a", True), ("", False), ("v=", False), ("nov=1", False)):
        assert bool(re.search(mark[1], query)) is is_named, query
    kept = re.findall(r'Header set Cache-Control "([^"]+)"(.*)', (DEPLOY / "static.htaccess").read_text())
    assert kept == [("no-cache", ""), ("public, max-age=31536000, immutable", f" env={mark[2]}")]
    assert '""      "no-cache";' in (DEPLOY / "nginx/site.conf").read_text()


def test_the_rule_for_hidden_files_means_what_it_says():
    rule = re.search(r"RewriteRule (\S+) - \[F\]", (DEPLOY / "passenger.htaccess").read_text())
    assert rule
    hidden = re.compile(rule[1])
    for path in (".env", ".git/config", "a/.git/HEAD", ".htpasswd", ".well-known-not"):
        assert hidden.search(path), path
    for path in ("catalog", "products/no.2", ".well-known/security.txt", "static/shop.css", "v1.0/x"):
        assert not hidden.search(path), path


def test_the_starter_needs_nothing_but_a_shell():
    assert (DEPLOY / "tradepost.cgi").read_text().startswith("#!/bin/sh\n")
    assert Path(DEPLOY / "tradepost.cgi").stat().st_mode & 0o111
