"""Rules for templates a machine can check; browser tests look at what becomes of them on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.source import ROOT, TEMPLATES, at, none_of, templates

LONGEST_PAGE = 120
LONGEST_FRAGMENT = 60

# What the content policy would block, or what breaks with JavaScript off.
FORBIDDEN = {
    "an inline handler": re.compile(r"<[a-zA-Z][^>]*\son[a-z]+\s*="),
    "an inline style": re.compile(r"<[a-zA-Z][^>]*\sstyle\s*="),
    "a javascript: address": re.compile(r"javascript:", re.IGNORECASE),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*\btype=\"application/(?:ld\+)?json\")"),
    "a style sheet on the page": re.compile(r"<style(?![^>]*nonce)"),
    "htmx code in an attribute": re.compile(r"\shx-on[:=-]|\shx-vals\s*=\s*[\"']js:", re.IGNORECASE),
    "another site's file": re.compile(r"(?:src|href)=\"(?:https?:)?//[^\"]*\.(?:js|css)\b"),
    "text that is not escaped": re.compile(r"\|\s*safe\b"),
}


# Draws its own constants; nothing anyone typed comes near it.
TRUSTED = ROOT / "app/templates/_macros/icons.html"


def is_mail(path: Path) -> bool:
    """Mail is the exception: mail programs know no style sheets, and no policy of ours."""
    return path.is_relative_to(ROOT / "app/templates/mail")


def is_macros(path: Path) -> bool:
    return "{% macro" in path.read_text()


def is_fragment(path: Path) -> bool:
    return path.name.startswith("_") and not is_macros(path)


def places(path: Path, found: Iterator[re.Match[str]]) -> Iterator[str]:
    return (at(path, match.string.count("\n", 0, match.start()) + 1) for match in found)


def test_templates_say_what_they_need():
    none_of(
        str(path.relative_to(ROOT))
        for path in templates(*TEMPLATES)
        if not is_macros(path) and not path.read_text().startswith("{# needs:")
    )


def test_fragments_extend_nothing():
    none_of(
        str(path) for path in templates(*TEMPLATES) if is_fragment(path) and "{% extends" in path.read_text()
    )


def test_pages_and_fragments_stay_short():
    none_of(
        f"{path.relative_to(ROOT)} has {lines} lines"
        for path in templates(*TEMPLATES)
        for lines in [len(path.read_text().splitlines())]
        if lines > (LONGEST_FRAGMENT if is_fragment(path) else LONGEST_PAGE) and not is_macros(path)
    )


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_template_holds(what: str):
    none_of(
        place
        for path in templates(*TEMPLATES)
        if not is_mail(path) and path != TRUSTED
        for place in places(path, FORBIDDEN[what].finditer(path.read_text()))
    )


def test_every_form_that_posts_carries_a_token():
    """In a hidden field, so that it works with JavaScript off; `fields(form)` brings it along in the back office."""
    form = re.compile(r"<form\b[^>]*method=\"post\".*?</form>", re.IGNORECASE | re.DOTALL)
    token = re.compile(r"csrf|hidden_tag|\bfields\(form")
    none_of(
        place
        for path in templates(*TEMPLATES)
        for place in places(
            path, (match for match in form.finditer(path.read_text()) if not token.search(match[0]))
        )
    )
