"""The shop as it stands on the internet: with its facts, and where a test asks for it, on https."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app.flask_config import flask_config
from app.settings import Settings
from app.shop.models import ShopFacts
from tests.factories import make_shop

HTTPS_SITE = "https://shop.example"


@pytest.fixture
def facts(app: Flask) -> ShopFacts:
    return make_shop()


@pytest.fixture
def on_https(app: Flask) -> Iterator[Flask]:
    """The same shop with an https address, as far as cookies and headers are concerned."""
    settings: Settings = app.extensions["settings"]
    secured = replace(settings, site_url=HTTPS_SITE)
    names = [name for name in flask_config(secured) if name.startswith("SESSION_")]
    before = {name: app.config[name] for name in names}
    app.extensions["settings"] = secured
    app.config.update({name: flask_config(secured)[name] for name in names})
    yield app
    app.extensions["settings"] = settings
    app.config.update(before)
