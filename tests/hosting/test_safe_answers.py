"""Who answers while the shop cannot says the same about safety as the shop does."""

from __future__ import annotations

import re

import pytest

import upgrading
from app.first_run.closed import closed
from app.settings import WrongSettings
from app.shared.safe_answers import SAFE_HEADERS
from tests.source import ROOT

DEPLOY = ROOT / "deploy"


def headers_of(application) -> dict[str, str]:
    told: dict[str, str] = {}
    list(application({"REQUEST_METHOD": "GET"}, lambda _status, headers: told.update(headers)))
    return told


@pytest.mark.parametrize(
    "application",
    [closed(WrongSettings(["SITE_URL is missing"])), upgrading.come_again],
    ids=["closed", "upgraded"],
)
def test_a_shop_that_is_closed_is_as_safe_as_an_open_one(application):
    told = headers_of(application)
    assert told.items() >= SAFE_HEADERS.items()
    assert told["Content-Security-Policy"].startswith("default-src 'none'")
    assert told["Cache-Control"] == "no-store"


def test_nginxs_own_pages_are_too():
    text = (DEPLOY / "nginx/site.conf").read_text()
    for page in re.findall(r"location = /closed/[\w.-]+ \{(.*?)\n    \}", text, flags=re.DOTALL):
        told = dict(re.findall(r'add_header ([\w-]+) "?([^"\n]+?)"? always;', page))
        assert told.items() >= SAFE_HEADERS.items()
    assert text.count("location = /closed/") == 2


def test_apaches_own_pages_are_too():
    text = (DEPLOY / "apache/site.conf").read_text()
    found = re.search(r"<Directory /srv/tradepost/deploy/nginx>(.*?)</Directory>", text, flags=re.DOTALL)
    assert found
    told = dict(re.findall(r'Header always set ([\w-]+) "([^"]+)"', found[1]))
    assert told.items() >= SAFE_HEADERS.items()
