"""How often a page asks the database: seldom, never to write, and not more often where there are more rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
from flask import Flask

from app.accounts.models import User
from app.accounts.permissions import Role
from app.businesses.status import BusinessStatus
from app.carts.models import CartLine
from app.catalog.models import Sku
from app.catalog.tree import list_category_tree
from app.extensions import db
from app.orders.status import OrderStatus
from app.payments.status import PaymentStatus
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.queries import list_text_page_links
from tests.client import ShopClient
from tests.factories import (
    make_address,
    make_business,
    make_buyer,
    make_cart,
    make_certificate,
    make_message,
    make_order,
    make_payment,
    make_product,
    make_sku,
    make_staff,
)
from tests.queries import Queries
from tests.walking.forms import desk_addresses
from tests.walking.people import browser_of
from tests.walking.places import Place, list_places, values_for
from tests.walking.small_shop import SmallShop, make_small_shop

Counting = Callable[[], AbstractContextManager[Queries]]

MOST, MOST_AT_CHECKOUT = 10, 15
# A page of the desk shows more at once, to few people.
MOST_AT_DESK = 15
FEW = 2
# Asks after every part of the shop; it is no page.
NOT_PAGES = {"pages.readyz"}
LOOKS = ("?view=cards&sort=name", "?view=table&sort=price", "?page=2", "?view=table&sort=newest")


class Crowd:
    """More of everything a page may list, in equal steps."""

    def __init__(self, shop: SmallShop, staff: User):
        self.shop, self.staff = shop, staff
        self.cart = make_cart(
            shop.buyer,
            {shop.skus[0]: 2},
            shipping_address_id=shop.address.id,
            shipping_method_id=shop.shipping.id,
        )

    def grow(self, steps: int) -> None:
        for _ in range(steps):
            sku = self._more_goods()
            self._more_papers(sku)
            other = make_buyer(make_business(BusinessStatus.SUBMITTED))
            make_certificate(make_business(BusinessStatus.SUBMITTED), state="NY")
            make_message(user=other)
            make_message(user=self.shop.buyer, assigned_to_id=self.staff.id)

    def _more_goods(self) -> Sku:
        for category in self.shop.categories:
            product = make_product(category=category)
            skus = [
                make_sku(product, price=Money(2500 + number), options={"Size": str(number)})
                for number in range(2)
            ]
        with transaction():
            for sku in skus:
                line = CartLine(
                    cart_id=self.cart.id,
                    sku_id=sku.id,
                    quantity=1,
                    added_at=clock.now(),
                    seen_price_cents=sku.price_cents,
                )
                db.session.add(line)  # fmt: skip
        make_sku(self.shop.products[0], options={"Size": "More"})
        return skus[0]

    def _more_papers(self, sku: Sku) -> None:
        order = make_order(self.shop.buyer, {sku: 3}, status=OrderStatus.PAID)
        make_payment(order, PaymentStatus.CAPTURED)
        make_payment(order, PaymentStatus.DECLINED)
        make_address(self.shop.business, is_main=False, is_default_shipping=False, is_default_billing=False)
        make_certificate(self.shop.business, state="OR")


@pytest.fixture
def shop(app: Flask) -> SmallShop:
    return make_small_shop()


@pytest.fixture
def staff(app: Flask) -> User:
    return make_staff(Role.SHOP_OWNER)


@pytest.fixture
def crowd(shop: SmallShop, staff: User) -> Crowd:
    crowd = Crowd(shop, staff)
    crowd.grow(FEW)
    return crowd


def pages_of(app: Flask, shop: SmallShop) -> list[Place]:
    places = {
        str(place): place
        for place in list_places(app, values_for(shop, shop.buyer))
        if place.method == "GET" and not place.is_desk and place.endpoint not in NOT_PAGES
    }
    return list(places.values())


def addresses_of(app: Flask, shop: SmallShop) -> Iterator[str]:
    for place in pages_of(app, shop):
        yield place.address
        if place.endpoint in {"catalog.index", "catalog.category"}:
            yield from (place.address + look for look in LOOKS)
    yield from (
        "/search?q=product",
        "/search?q=SKU&view=table",
        "/orders/?find=T-",
        "/account/business/application?step=check",
    )


def count(browser: ShopClient, address: str, counting: Counting, *, is_fragment: bool = False) -> Queries:
    """What a page asks when what all pages share for a minute (the category tree, the foot's links) was read already."""
    list_category_tree()
    list_text_page_links()
    with counting() as queries:
        answer = browser.hx(address) if is_fragment else browser.get(address)
        answer.close()
    assert answer.status_code < 500, address
    return queries


def count_all(browser: ShopClient, addresses: list[str], counting: Counting) -> dict[str, Queries]:
    found = {address: count(browser, address, counting) for address in addresses}
    return found | {
        f"{address} (fragment)": count(browser, address, counting, is_fragment=True)
        for address in addresses
        if not address.startswith("/admin")
    }


def too_many(found: dict[str, Queries]) -> list[str]:
    return [
        f"{address}: {queries}" for address, queries in found.items() if queries.count > most_for(address)
    ]


def most_for(address: str) -> int:
    if address.startswith("/admin"):
        return MOST_AT_DESK
    return MOST_AT_CHECKOUT if address.startswith("/checkout") else MOST


def writing(found: dict[str, Queries]) -> list[str]:
    return [f"{address}: {queries.writes}" for address, queries in found.items() if queries.writes]


def grown(before: dict[str, Queries], after: dict[str, Queries]) -> list[str]:
    return [
        f"{address}: {before[address]}\n→ {after[address]}"
        for address in before
        if after[address].count > before[address].count
    ]


@pytest.mark.parametrize("who", ["guest", "buyer"])
def test_a_page_of_the_shop_asks_seldom_writes_nothing_and_asks_no_more_where_there_is_more(
    app: Flask, shop: SmallShop, crowd: Crowd, count_queries: Counting, who: str
) -> None:
    browser = browser_of(app, shop.buyer if who == "buyer" else None)
    addresses = list(addresses_of(app, shop))
    before = count_all(browser, addresses, count_queries)
    crowd.grow(2 * FEW)
    after = count_all(browser, addresses, count_queries)
    if who == "buyer":
        assert browser.get("/checkout/review").status_code == 200, (
            "the review was not reached, so it was not counted"
        )
    assert not too_many(after), "\n".join(too_many(after))
    assert not writing(after), "\n".join(writing(after))
    assert not grown(before, after), "\n".join(grown(before, after))


def test_a_page_of_the_desk_asks_seldom_writes_nothing_and_asks_no_more_where_there_is_more(
    app: Flask, shop: SmallShop, staff: User, crowd: Crowd, count_queries: Counting
) -> None:
    browser = browser_of(app, staff)
    reads = [
        place
        for place in list_places(app, values_for(shop, shop.buyer))
        if place.is_desk and place.method == "GET"
    ]
    lists = [
        place.address
        for place in reads
        if place.endpoint.endswith((".index", ".index_view", ".create_view", ".export"))
    ]
    addresses = list(dict.fromkeys([*desk_addresses(browser, lists), "/admin/search/?q=p"]))
    addresses += [place.address for place in reads if place.rule.endswith("_id>")]
    before = count_all(browser, addresses, count_queries)
    crowd.grow(2 * FEW)
    after = count_all(browser, addresses, count_queries)
    assert len(addresses) > 45
    assert not too_many(after), "\n".join(too_many(after))
    assert not writing(after), "\n".join(writing(after))
    assert not grown(before, after), "\n".join(grown(before, after))
