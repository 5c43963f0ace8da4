"""The demo shop's goods and people: what a buyer and a crawler may rely on."""

import itertools
import re
from collections import Counter

import pytest

from app.accounts.passwords import check_strength
from app.businesses.status import BusinessKind, BusinessStatus
from app.catalog.models import TaxClass
from app.contact.status import MessageStatus
from app.orders.status import OrderStatus
from sandbox.demo.catalogue import DemoProduct, DemoSku, load_catalogue
from sandbox.demo.messages import MESSAGES
from sandbox.demo.orders import OUTCOMES, load_orders
from sandbox.demo.people import BUSINESSES, DEMO_PASSWORD, NEWCOMERS, STAFF
from sandbox.demo.pictures import KINDS
from sandbox.demo.pictures.colour import PALETTES

CATALOGUE = load_catalogue()
SKUS = [(product, sku) for product in CATALOGUE.products for sku in product.skus]
BY_CODE = {sku.code: (product, sku) for product, sku in SKUS}
BUYERS = {person.email: business for business in BUSINESSES for person in business.people}


def _dollars(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


def test_there_are_120_products_in_12_categories_under_4_departments() -> None:
    leaves = [category for category in CATALOGUE.categories if category.parent_slug]
    departments = [category for category in CATALOGUE.categories if not category.parent_slug]
    assert (len(CATALOGUE.products), len(leaves), len(departments)) == (120, 12, 4)
    assert {product.category_slug for product in CATALOGUE.products} == {leaf.slug for leaf in leaves}


def test_codes_barcodes_and_addresses_are_given_once() -> None:
    for values in (
        [sku.code for _, sku in SKUS],
        [sku.barcode for _, sku in SKUS],
        [product.slug for product in CATALOGUE.products]
        + [category.slug for category in CATALOGUE.categories],
        [product.name for product in CATALOGUE.products],
    ):
        assert [value for value, count in Counter(values).items() if count > 1] == []


def test_every_barcode_has_its_check_digit_and_belongs_to_no_real_product() -> None:
    for _, sku in SKUS:
        assert re.fullmatch(r"2\d{12}", sku.barcode), sku.code
        weighed = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(sku.barcode[:12]))
        assert int(sku.barcode[12]) == -weighed % 10, sku.code


def test_goods_come_in_whole_cases_from_the_minimum_up() -> None:
    for product in CATALOGUE.products:
        assert product.minimum_quantity % product.case_pack == 0, product.name
        assert 1 <= len(product.skus) <= 4, product.name
        assert product.tax_class in {tax_class.value for tax_class in TaxClass}


def test_only_food_is_exempt_from_tax() -> None:
    assert {each.category_slug for each in CATALOGUE.products if each.tax_class == "exempt"} == {
        "pantry-and-tea"
    }


def test_every_product_has_two_to_five_sentences_of_copy() -> None:
    for product in CATALOGUE.products:
        sentences = re.findall(r"[.!?](?:\s|$)", product.description)
        assert 2 <= len(sentences) <= 6, product.name
        assert len(product.summary) <= 90, product.name


def test_options_tell_the_skus_of_a_product_apart() -> None:
    for product in CATALOGUE.products:
        assert len({tuple(sku.options.items()) for sku in product.skus}) == len(product.skus), product.name


def test_stock_shows_plenty_little_and_none() -> None:
    gone = [sku for _, sku in SKUS if sku.stock == 0]
    low = [sku for _, sku in SKUS if 0 < sku.stock <= 24]
    assert len(gone) >= 5
    assert all(sku.restock_in_days for sku in gone)
    assert len(low) >= 8


def test_a_price_can_be_searched_for_without_meeting_another_number() -> None:
    texts = " ".join(
        f"{product.name} {product.summary} {product.description} {sku.code} {' '.join(sku.options.values())}"
        for product, sku in SKUS
    ) + " ".join(category.description for category in CATALOGUE.categories)
    for product, sku in SKUS:
        price = _dollars(sku.price_cents)
        assert sku.price_cents % 5, f"{sku.code} costs {price}: a round price is found everywhere"
        assert price not in texts, f"{product.name} speaks of {price}"


def test_no_two_products_share_a_price() -> None:
    owners: dict[int, str] = {}
    for product, sku in SKUS:
        assert owners.setdefault(sku.price_cents, product.name) == product.name


def test_price_lists_hold_each_break_once_and_cheaper_with_every_step() -> None:
    steps: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for price in CATALOGUE.prices:
        steps.setdefault((price.price_list, price.sku), []).append(
            (price.min_quantity, price.unit_price_cents)
        )
    assert {name for name, _ in steps} == {group.slug for group in CATALOGUE.customer_groups}
    for (name, code), breaks in steps.items():
        product, sku = BY_CODE[code]
        quantities = [quantity for quantity, _ in breaks]
        costs = [sku.price_cents, *(cents for _, cents in breaks)]
        assert quantities == sorted(set(quantities)), (name, code)
        assert all(later < earlier for earlier, later in itertools.pairwise(costs)), (name, code)
        assert all(quantity % product.case_pack == 0 for quantity in quantities), (name, code)


def test_every_product_names_a_drawing_and_a_palette() -> None:
    assert {product.picture for product in CATALOGUE.products} <= set(KINDS)
    assert {product.range for product in CATALOGUE.products} <= set(PALETTES)
    assert len(KINDS) >= 30


def test_businesses_stand_in_every_status_and_groups_are_given_to_approved_ones() -> None:
    assert {business.status for business in BUSINESSES} == {status.value for status in BusinessStatus}
    assert len(BUSINESSES) == 8
    groups = {group.slug for group in CATALOGUE.customer_groups}
    assert {business.group for business in BUSINESSES if business.status == "approved"} == groups
    for business in BUSINESSES:
        assert business.kind in {kind.value for kind in BusinessKind}
        assert bool(business.review_note) == (
            business.status in {"rejected", "needs_information", "suspended"}
        )


def test_nobody_in_the_demo_can_be_real() -> None:
    people = [*STAFF, *NEWCOMERS, *(person for business in BUSINESSES for person in business.people)]
    assert all(person.email.endswith(".example") for person in people)
    assert len({person.email for person in people}) == len(people)
    for business in BUSINESSES:
        assert re.fullmatch(r"\+1\d{3}55501\d{2}", business.phone), business.trade_name
        assert re.fullmatch(r"(\d{2}-0000\d{3})?", business.ein), business.trade_name


@pytest.mark.parametrize("email", [*BUYERS, *(person.email for person in STAFF)])
def test_the_demo_password_passes_the_shops_own_rules(email: str) -> None:
    check_strength(DEMO_PASSWORD, email=email, name="Somebody Else")


def test_forty_orders_stand_in_every_status() -> None:
    orders = load_orders()
    assert len(orders) == 40
    assert {order.status for order in orders} == {status.value for status in OrderStatus}
    for order in orders:
        assert order.outcome in OUTCOMES.get(order.status, ("",))
        assert order.buyer in BUYERS
    assert {order.outcome for order in orders} >= {"declined", "lapsed", "voided", "refunded", "abandoned"}


def test_orders_ask_for_whole_cases_of_goods_that_exist() -> None:
    for order in load_orders():
        for code, quantity in order.lines.items():
            product, _ = BY_CODE[code]
            assert quantity % product.case_pack == 0, code
            assert quantity >= product.minimum_quantity, code


def test_messages_stand_in_every_state() -> None:
    assert {message.status for message in MESSAGES} == {status.value for status in MessageStatus}
    for message in MESSAGES:
        assert bool(message.answer) == (message.status in {"answered", "closed"})


def test_a_variant_is_named_by_its_options_value() -> None:
    one = DemoSku("HP-X-1", "", {"Scent": "Lavender"}, 401, 1, 0)
    plain = DemoSku("HP-X-2", "", {}, 402, 1, 0)
    assert (one.variant, plain.variant) == ("Lavender", None)


def test_a_products_own_picture_shows_a_color_but_no_size() -> None:
    found: dict[str, DemoProduct] = {product.slug: product for product in CATALOGUE.products}
    assert found["reed-diffuser"].main_variant == "Balsam"
    assert found["terracotta-planter"].main_variant is None
