"""A listing stays light however many categories the shop has, and pages that only read write nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from app.catalog.models import ProductImage
from app.catalog.queries import PAGE_SIZE
from app.extensions import db
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.client import ShopClient, read_html, sign_in
from tests.factories import (
    make_address,
    make_business,
    make_buyer,
    make_cart,
    make_category,
    make_group,
    make_price_list,
    make_product,
    make_shop,
    make_sku,
)
from tests.queries import Queries

pytestmark = pytest.mark.usefixtures("app")

_MOST_BYTES = 40 * 1024
_READ = (
    "/", "/catalog", "/catalog/shelf", "/catalog?sort=price", "/search?q=thing", "/products/thing-0", "/cart", "/orders/",
    "/account", "/account/business", "/account/addresses", "/account/security", "/checkout/", "/contact",
)  # fmt: skip


@pytest.fixture
def buyer_at_a_full_shelf(client: ShopClient) -> ShopClient:
    """Signed in, with own prices, before a page of pictured products in a shop of forty categories."""
    make_shop()
    for number in range(39):
        make_category(f"Category {number}", slug=f"category-{number}")
    shelf = make_category("Shelf", slug="shelf")
    skus = []
    for number in range(PAGE_SIZE):
        product = make_product(f"Cedar indigo thing {number}", category=shelf, slug=f"thing-{number}")
        skus.append(make_sku(product, case_pack=12, minimum=12))
        with transaction():
            image = ProductImage(
                product_id=product.id, stored_name=f"{product.id:032x}", widths=[160, 320, 640]
            )
            image.width, image.height = 640, 800
            db.session.add(image)
    business = make_business(
        group=make_group(price_list=make_price_list(breaks={each: {48: Money(800)} for each in skus}))
    )
    make_address(business)
    buyer = make_buyer(business)
    make_cart(buyer, {skus[0]: 12})
    sign_in(client, buyer)
    return client


def test_a_full_listing_weighs_less_than_forty_kilobytes(buyer_at_a_full_shelf: ShopClient) -> None:
    answer = buyer_at_a_full_shelf.get("/catalog/shelf")
    assert len(read_html(answer).select(".cell-add .qty__value")) == PAGE_SIZE
    assert len(answer.data) < _MOST_BYTES


def test_a_bar_of_many_categories_ends_with_a_way_to_all_of_them(buyer_at_a_full_shelf: ShopClient) -> None:
    bar = read_html(buyer_at_a_full_shelf.get("/catalog/shelf")).select("#site-nav a")
    assert len(bar) == 13
    assert (bar[-1].get_text(), bar[-1]["href"]) == ("All categories", "/catalog")


@pytest.mark.parametrize("address", _READ)
def test_a_page_that_only_reads_writes_nothing(
    buyer_at_a_full_shelf: ShopClient,
    count_queries: Callable[[], AbstractContextManager[Queries]],
    address: str,
) -> None:
    with count_queries() as queries:
        assert buyer_at_a_full_shelf.get(address).status_code == 200
    assert queries.writes == [], queries
