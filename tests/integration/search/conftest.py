"""A shop that commits for real: a FULLTEXT index finds only what was committed. Emptied after each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.factories import make_category, make_product, make_sku
from tests.servers import new_database
from tests.worlds import build_world, empty_tables, engine_of, forget_between_tests, settings_for_tests


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of its own; the one other tests share must not see these commits."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('search') / 'shop.db'}"
    return new_database(request.getfixturevalue("mariadb"), "search")


@pytest.fixture(scope="session")
def searching_world(
    database: str,
    tmp_path_factory: pytest.TempPathFactory,
    square_server: SquareServer,
    mail_catcher: MailCatcher,
) -> Flask:
    folder = tmp_path_factory.mktemp("searching")
    return build_world(settings_for_tests(database, folder, square_server, mail_catcher))


@pytest.fixture
def app(searching_world: Flask) -> Iterator[Flask]:
    """The shop with an app context open; commits are real, and every row is deleted afterwards."""
    forget_between_tests(searching_world)
    try:
        with searching_world.app_context():
            yield searching_world
    finally:
        empty_tables(engine_of(searching_world))


@pytest.fixture(scope="module")
def shelves(searching_world: Flask) -> Iterator[Flask]:
    """A filled shop that all tests of a module look at and none changes, with an app context open."""
    forget_between_tests(searching_world)
    try:
        with searching_world.app_context():
            fill_shelves()
            yield searching_world
    finally:
        empty_tables(engine_of(searching_world))


def fill_shelves() -> None:
    """Products with everything in their names that people write in names."""
    home = make_category("Home & Kitchen", slug="home")
    table = make_category("Tableware", parent=home, slug="tableware")
    clothes = make_category("Clothing", slug="clothing")
    goods = {
        "Enamel mug 100%": ("MUG-1", table),
        "Enamel mug 1000": ("MUGX-1", table),
        "Coffee & tea set": ("CB-12", table),
        "Lavender candle": ("HP-12", home),
        "Lavender soap": ("HP-1204", home),
        "Crème brûlée torch": ("TORCH-9", home),
        "Bjørn's Œuf cup": ("OEUF-7", table),
        "T-shirt, size L": ("TS-0042-L", clothes),
        "Women’s cap": ("CAP.5/8", clothes),
        "The Who of it": ("WHO-1", clothes),
        "茶叶 green box": ("TEA-3", table),
        "Чайник самовар": ("SAM-4", table),
        "Salt box": ("BOX_1", table),
        "Boxed matches": ("MATCH-6", home),
        "A": ("ONE-1", home),
    }
    for name, (code, category) in goods.items():
        barcode = "0036000291452" if code == "HP-1204" else ""
        brand = "Harbor" if code == "HP-1204" else ""
        product = make_product(name, category=category, brand=brand, summary=f"Sold in cases, {code[:2]}kelp")
        make_sku(product, code=code, barcode=barcode)
