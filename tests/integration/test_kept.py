"""Answers kept in the cache: under a stamp that every change replaces, for all processes at once, with Redis and without."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from flask import Flask
from flask_caching.backends.rediscache import RedisCache
from redis import Redis as RedisClient
from sqlalchemy import Executable, delete, insert, update

from app.accounts.models import User
from app.catalog.models import Category, Product, Sku
from app.extensions import cache, db
from app.pricing.models import PriceBreak
from app.shared.front_cache import FrontCache
from app.shared.kept import LISTENER, keep, keep_each
from app.shared.money import Money
from app.shared.stamps import Stamp
from app.shared.transaction import transaction
from app.shop.models import ShopFacts
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import ShopClient, read_text, sign_in
from tests.factories import (
    make_business,
    make_buyer,
    make_category,
    make_group,
    make_price_list,
    make_product,
    make_shop,
    make_sku,
)
from tests.worlds import build_app, settings_for_tests

CATALOGUE = [Stamp.CATALOGUE]


@pytest.fixture
def ask() -> Callable[[], int]:
    """Gives 1, then 2, …: each call is one time the real source was asked."""
    return count(1).__next__


# --- Under a stamp ------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("app")
def test_an_answer_is_asked_for_once_until_what_it_is_made_of_changes(ask: Callable[[], int]) -> None:
    sku = make_sku()
    assert [keep("a", "", CATALOGUE, ask), keep("a", "", CATALOGUE, ask), keep("b", "", CATALOGUE, ask)] == [
        1,
        1,
        2,
    ]
    make_price_list(breaks={sku: {12: Money(900)}})
    assert keep("a", "", CATALOGUE, ask) == 1
    make_category()
    assert keep("a", "", CATALOGUE, ask) == 3


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    "statement",
    [
        update(Product).values(name="After"),
        delete(PriceBreak),
        insert(Category).values(name="New", slug="new", description="", position=0),
    ],
)
def test_statements_past_the_session_are_changes_too(statement: Executable, ask: Callable[[], int]) -> None:
    make_price_list(breaks={make_sku(): {12: Money(900)}})
    both = [Stamp.CATALOGUE, Stamp.PRICES]
    assert [keep("a", "", both, ask), keep("a", "", both, ask)] == [1, 1]
    with transaction():
        db.session.execute(statement)
    assert keep("a", "", both, ask) == 2


@pytest.mark.usefixtures("app")
def test_nothing_is_kept_of_a_change_that_may_yet_be_undone(ask: Callable[[], int]) -> None:
    category = make_category("Bath")

    def name() -> str:
        return str(db.session.scalar(db.select(Category.name).filter_by(id=category.id)))

    def fail_after_renaming() -> None:
        with transaction():
            category.name = "Garden"
            db.session.add(category)
            db.session.flush()
            assert keep("name", "", CATALOGUE, name) == "Garden"
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_renaming()
    assert keep("name", "", CATALOGUE, name) == "Bath"


@pytest.mark.usefixtures("app")
def test_of_many_only_the_missing_are_asked_for_and_every_look_is_counted(app: Flask) -> None:
    make_category()
    asked: list[list[int]] = []
    looks: list[tuple[str, bool, int]] = []
    app.extensions[LISTENER] = lambda *look: looks.append(look)

    def squares(numbers: list[int]) -> dict[int, int]:
        asked.append(numbers)
        return {each: each * each for each in numbers if each != 5}

    try:
        assert keep_each("square", "", [1, 2], CATALOGUE, squares) == {1: 1, 2: 4}
        assert keep_each("square", "", [2, 3, 5], CATALOGUE, squares) == {2: 4, 3: 9}
    finally:
        del app.extensions[LISTENER]
    assert asked == [[1, 2], [3, 5]]
    assert looks == [("square", False, 2), ("square", True, 1), ("square", False, 2)]


# --- The store ----------------------------------------------------------------------------------------------------


def test_the_store_forgets_what_was_not_used_for_longest() -> None:
    store = FrontCache(most=2)
    store.set("a", 1)
    store.set("b", 2)
    store.get("a")
    store.set("c", 3)
    assert store.get_many("a", "b", "c") == [1, None, 3]


def test_a_redis_that_is_down_leaves_the_memory_working() -> None:
    nowhere = RedisClient(unix_socket_path="/nowhere/redis.sock")
    store = FrontCache(RedisCache(nowhere))
    store.set("a", 1)
    assert store.get_many("a", "b") == [1, None]
    assert store.delete("a")
    store.clear()


# --- Two processes ------------------------------------------------------------------------------------------------


@dataclass
class Shelf:
    """One product that a buyer with a price list looks at in another process than the one where it changes."""

    here: Flask
    there: Flask
    sku_id: int
    browser: ShopClient

    def shown(self, address: str = "/catalog") -> str:
        answer = self.browser.get(address)
        assert answer.status_code == 200
        return read_text(answer)


@pytest.fixture(params=["memory", "redis"])
def shelf(
    request: pytest.FixtureRequest, tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
) -> Iterator[Shelf]:
    """The shop twice, each with a memory of its own, on one database; with one Redis, or with none."""
    redis_url = request.getfixturevalue("redis_server").url if request.param == "redis" else ""
    database = f"sqlite:///{tmp_path / 'shop.db'}"
    settings = settings_for_tests(database, tmp_path, square_server, mail_catcher, redis_url=redis_url)
    here, there = build_app(settings), build_app(settings)
    with here.app_context():
        db.create_all()
        sku_id, buyer_id = _stock_the_shelf()
    browser = there.test_client()
    assert isinstance(browser, ShopClient)
    with there.app_context():
        sign_in(browser, db.session.get(User, buyer_id))
    yield Shelf(here, there, sku_id, browser)
    for app in (here, there):
        with app.app_context():
            cache.clear()
            db.engine.dispose()


def _stock_the_shelf() -> tuple[int, int]:
    make_shop(name="Harbor Supply")
    sku = make_sku(make_product("Lavender soap", category=make_category("Bath", slug="bath"), slug="soap"))
    price_list = make_price_list(breaks={sku: {1: Money(777)}})
    buyer = make_buyer(make_business(group=make_group(price_list=price_list)))
    return sku.id, buyer.id


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        (update(Product).values(name="Cedar soap"), "Lavender soap", "Cedar soap"),
        (update(Category).values(name="Garden"), "Bath", "Garden"),
        (update(PriceBreak).values(unit_price_cents=Money(555)), "$7.77", "$5.55"),
        (update(Sku).values(code="NEW-CODE"), "SKU-", "NEW-CODE"),
        (update(Product).values(is_active=False), "1 product", "Nothing here yet"),
        (update(ShopFacts).values(name="Bay Supply"), "Harbor Supply", "Bay Supply"),
    ],
)
def test_what_changes_in_one_process_stands_on_the_next_page_of_another(
    shelf: Shelf, change: object, before: str, after: str
) -> None:
    assert before in shelf.shown()
    assert before in shelf.shown()
    with shelf.here.app_context(), transaction():
        db.session.execute(change)
    shown = shelf.shown()
    assert after in shown
    assert before not in shown


def test_what_is_left_on_the_shelf_is_never_kept(shelf: Shelf) -> None:
    from_there = shelf.shown("/products/soap")
    assert "In stock" in from_there
    with shelf.here.app_context(), transaction():
        db.session.execute(db.text("UPDATE stock SET available = 3, received = 3, low_at = 10"))
    assert "3 left" in shelf.shown("/products/soap")
    assert "3 left" in shelf.shown("/catalog")


def test_a_buyer_on_another_list_gets_other_prices_from_the_same_cache(shelf: Shelf) -> None:
    assert "$7.77" in shelf.shown()
    with shelf.here.app_context():
        sku = db.session.get_one(Sku, shelf.sku_id)
        dearer = make_buyer(
            make_business(group=make_group(price_list=make_price_list(breaks={sku: {1: Money(888)}})))
        )
        with transaction():
            dearer_id = dearer.id
    other = shelf.there.test_client()
    assert isinstance(other, ShopClient)
    with shelf.there.app_context():
        sign_in(other, db.session.get_one(User, dearer_id))
    assert "$8.88" in read_text(other.get("/catalog"))
    assert "$7.77" in shelf.shown()
    assert "$" not in read_text(shelf.there.test_client().get("/catalog?view=table"))


def test_browsing_is_answered_from_the_cache_more_than_four_times_in_five(shelf: Shelf) -> None:
    """The browse mix of the load test, in short: forty pages of a shop nobody has looked at before."""
    with shelf.here.app_context():
        category = db.session.scalars(db.select(Category)).one()
        for number in range(30):
            make_sku(make_product(f"Thing {number}", category=category, slug=f"thing-{number}"))
    looks = {True: 0, False: 0}

    def count_look(_kind: str, was_there: bool, how_many: int) -> None:
        looks[was_there] += how_many

    shelf.there.extensions[LISTENER] = count_look
    for number in range(10):
        for address in ("/catalog", "/catalog/bath?page=2", f"/products/thing-{number}", "/search?q=thing"):
            shelf.shown(address)
    assert looks[True] / sum(looks.values()) > 0.8, looks
