"""Browsing: what each kind of visitor sees, in what order, and with how many queries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.businesses.status import BusinessStatus
from app.catalog.models import Category, Product, ProductImage, Sku
from app.catalog.tree import list_category_tree
from app.extensions import cache, db
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import (
    make_address,
    make_business,
    make_buyer,
    make_category,
    make_group,
    make_price_list,
    make_product,
    make_shop,
    make_sku,
    make_staff,
    make_user,
)
from tests.queries import Queries

pytestmark = pytest.mark.usefixtures("app")

Counting = Callable[[], AbstractContextManager[Queries]]

# Unlikely anywhere else on a page, in any spelling.
PRICE, BREAK_PRICE, STOCK = Money(771_337), Money(661_337), 73_137
SECRETS = ("7,713.37", "771337", "7713.37", "6,613.37", "661337", "6613.37", "73,137", "73137", "In stock")


@pytest.fixture
def soap() -> Sku:
    """One product with one sku that comes in sixes, in the category Bath."""
    make_shop()
    product = make_product("Lavender soap", category=make_category("Bath", slug="bath"), slug="lavender-soap")
    return make_sku(product, code="HP-1", price=PRICE, stock=STOCK, case_pack=6, minimum=12)


def buyer_with_breaks(sku: Sku, breaks: dict[int, Money]) -> User:
    price_list = make_price_list(breaks={sku: breaks})
    business = make_business(group=make_group(price_list=price_list))
    make_address(business)
    return make_buyer(business)


def add_image(product: Product, position: int = 0) -> None:
    with transaction():
        db.session.add(
            ProductImage(
                product_id=product.id, stored_name=f"{product.id:032x}", width=640, height=800,
                widths=[160, 320, 640], position=position,
            )
        )  # fmt: skip


def names_on(response: TestResponse) -> list[str]:
    return [each.get_text() for each in read_html(response).select(".card__name")]


def cards(client: ShopClient, address: str) -> TestResponse:
    joined = "&" if "?" in address else "?"
    return client.get(f"{address}{joined}view=cards")


# --- Who sees what -----------------------------------------------------------------------------------------------


def test_an_approved_buyer_sees_price_case_price_stock_and_the_next_break(
    client: ShopClient, soap: Sku
) -> None:
    sign_in(client, buyer_with_breaks(soap, {24: BREAK_PRICE}))

    text = read_text(client.get("/products/lavender-soap"))

    assert "$7,713.37 each" in text
    assert "$46,280.22 a case of 6" in text
    assert "In stock" in text
    assert "Add 12 more for $6,613.37 each" in text
    assert "Sold in 6s, 12 minimum" in text


def test_a_buyer_pays_the_price_of_their_own_list(client: ShopClient, soap: Sku) -> None:
    sign_in(client, buyer_with_breaks(soap, {1: BREAK_PRICE}))

    text = read_text(client.get("/products/lavender-soap"))

    assert "$6,613.37 each" in text
    assert "List price $7,713.37" in text


def visitors() -> dict[str, User | None]:
    by_status = {
        status.value: make_user(business=make_business(status, group=make_group()))
        for status in BusinessStatus
        if status is not BusinessStatus.APPROVED
    }
    approved = make_business()
    return {
        "guest": None,
        "unverified": make_user(verified=False),
        "unverified, of an approved business": make_user(verified=False, business=approved),
        "without a business": make_user(),
        "staff": make_staff(),
        **by_status,
    }


ADDRESSES = (
    "/", "/catalog", "/catalog?view=table", "/catalog/bath", "/catalog/bath?view=table&sort=price", "/search?q=HP-1",
    "/search?q=HP-1&view=table", "/products/lavender-soap", "/products/lavender-soap?sku=HP-1", "/products/towel",
)  # fmt: skip


def give_two_options() -> None:
    towel = make_product("Towel", slug="towel")
    make_sku(towel, price=PRICE, stock=STOCK, options={"Size": "Hand"})
    make_sku(towel, price=BREAK_PRICE, stock=STOCK, options={"Size": "Bath"})


def test_no_page_and_no_fragment_tells_a_price_or_stock_to_anyone_not_approved(
    client: ShopClient, soap: Sku
) -> None:
    give_two_options()
    for who, user in visitors().items():
        browser = client.application.test_client()
        if user is not None:
            sign_in(browser, user)
        for address in ADDRESSES:
            for answer in (browser.get(address), browser.hx(address)):
                told = answer.get_data(as_text=True) + str(answer.headers)
                assert answer.status_code == 200, (who, address)
                assert [secret for secret in SECRETS if secret in told] == [], (who, address)
                assert 'name="quantity"' not in told, (who, address)


def test_the_same_walk_as_an_approved_buyer_finds_them(client: ShopClient, soap: Sku) -> None:
    give_two_options()
    sign_in(client, buyer_with_breaks(soap, {24: BREAK_PRICE}))
    for address in ADDRESSES:
        told = client.get(address).get_data(as_text=True)
        assert "7,713.37" in told or "6,613.37" in told, address
        assert "In stock" in told, address


@pytest.mark.parametrize(
    ("status", "says", "step"),
    [
        (BusinessStatus.DRAFT, "Tell us about your business", "Go on with your application"),
        (BusinessStatus.SUBMITTED, "We are looking at your application", "See where it stands"),
        (BusinessStatus.NEEDS_INFORMATION, "We asked you for something more", "Answer the question"),
        (BusinessStatus.REJECTED, "could not approve", "See why, and apply again"),
        (BusinessStatus.SUSPENDED, "on hold", "Talk to us"),
    ],
)
def test_where_a_price_is_missing_the_reason_and_the_next_step_stand(
    client: ShopClient, soap: Sku, status: BusinessStatus, says: str, step: str
) -> None:
    sign_in(client, make_user(business=make_business(status)))

    page = client.get("/products/lavender-soap")

    hidden = read_html(page).select_one(".price-hidden")
    assert hidden is not None
    assert says in hidden.get_text()
    assert step in hidden.get_text()


def test_staff_are_sent_to_the_back_office_for_prices(client: ShopClient, soap: Sku) -> None:
    sign_in(client, make_staff())
    page = client.get("/products/lavender-soap")
    assert "You are signed in as staff" in read_text(page)
    assert read_html(page).select_one('.price-hidden a[href="/admin/"]')


def test_a_guest_is_told_that_prices_come_after_approval(client: ShopClient, soap: Sku) -> None:
    text = read_text(client.get("/products/lavender-soap"))
    assert "Prices after approval. Applying takes about 3 minutes." in text
    assert "Open a trade account" in text


def test_a_guest_can_put_a_product_on_a_list(client: ShopClient, soap: Sku) -> None:
    page = client.get("/products/lavender-soap")
    after = client.submit(page, f"#add-{soap.id}")
    assert after.status_code == 200
    assert "Lavender soap" in read_text(client.get("/cart"))


def test_ordering_by_price_tells_a_guest_nothing(client: ShopClient, soap: Sku) -> None:
    cheap = make_product("Zinc tray", category=soap_category(soap))
    make_sku(cheap, price=Money(1))

    page = cards(client, "/catalog/bath?sort=price")

    assert names_on(page) == ["Lavender soap", "Zinc tray"]
    assert "Price" not in {option.get_text() for option in read_html(page).select("#listing-sort option")}


def soap_category(sku: Sku) -> Category:
    product = db.session.get_one(Product, sku.product_id)
    return db.session.get_one(Category, product.category_id)


# --- Lists -------------------------------------------------------------------------------------------------------


def test_a_category_shows_its_childrens_products_too(client: ShopClient) -> None:
    make_shop()
    kitchen = make_category("Kitchen", slug="kitchen")
    mugs = make_category("Mugs", parent=kitchen, slug="mugs")
    make_sku(make_product("Bread knife", category=kitchen))
    make_sku(make_product("Tin mug", category=mugs))

    assert sorted(names_on(client.get("/catalog/kitchen"))) == ["Bread knife", "Tin mug"]
    assert names_on(client.get("/catalog/mugs")) == ["Tin mug"]
    assert "2 products" in read_text(client.get("/catalog/kitchen"))


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("position", ["Bowl", "Cup", "Apron"]),
        ("name", ["Apron", "Bowl", "Cup"]),
        ("newest", ["Cup", "Apron", "Bowl"]),
        ("price", ["Apron", "Cup", "Bowl"]),
        ("nonsense", ["Bowl", "Cup", "Apron"]),
    ],
)
def test_a_listing_can_be_ordered(client: ShopClient, sort: str, names: list[str]) -> None:
    make_shop()
    now, shelf = clock.now(), make_category(slug="shelf")
    for name, position, days_old, cents in [("Apron", 3, 2, 100), ("Bowl", 1, 3, 900), ("Cup", 2, 1, 500)]:
        product = make_product(name, category=shelf, position=position)
        with transaction():
            product.created_at = now - timedelta(days=days_old)
            db.session.add(product)
        make_sku(product, price=Money(cents))
    sign_in(client, make_buyer())

    assert names_on(cards(client, f"/catalog/shelf?sort={sort}")) == names
    assert names_on(cards(client, f"/catalog?sort={sort}")) == names


def test_price_order_follows_the_buyers_own_prices_at_the_smallest_order(client: ShopClient) -> None:
    make_shop()
    shelf = make_category(slug="shelf")
    bowl = make_sku(make_product("Bowl", category=shelf), price=Money(900), case_pack=4, minimum=6)
    make_sku(make_product("Cup", category=shelf), price=Money(500))
    late = make_sku(make_product("Dish", category=shelf), price=Money(700))
    # The bowl's smallest order is 8: a break from 8 counts, the dish's from 2 does not.
    price_list = make_price_list(breaks={bowl: {8: Money(400)}, late: {2: Money(100)}})
    sign_in(client, make_buyer(make_business(group=make_group(price_list=price_list))))

    assert names_on(cards(client, "/catalog/shelf?sort=price")) == ["Bowl", "Cup", "Dish"]


def test_what_is_not_active_is_nowhere(client: ShopClient, soap: Sku) -> None:
    hidden = make_product("Hidden tray", slug="hidden-tray", is_active=False, category=soap_category(soap))
    make_sku(hidden, code="HT-1")
    with transaction():
        db.session.add(Sku(product_id=soap.product_id, code="HP-OLD", price_cents=Money(1), is_active=False))
    sign_in(client, make_buyer())

    assert client.get("/products/hidden-tray").status_code == 404
    for address in ("/", "/catalog", "/catalog/bath", "/search?q=HT-1"):
        assert "Hidden tray" not in read_text(client.get(address)), address
    assert "HP-OLD" not in read_text(client.get("/products/lavender-soap"))
    assert "1 product" in read_text(client.get("/catalog/bath"))


def test_long_lists_come_in_pages_that_keep_the_order(client: ShopClient) -> None:
    make_shop()
    shelf = make_category(slug="shelf")
    for number in range(50):
        make_product(f"Item {number:02}", category=shelf)

    first, last = client.get("/catalog/shelf?sort=name"), client.get("/catalog/shelf?sort=name&page=3")

    assert names_on(first) == [f"Item {number:02}" for number in range(24)]
    assert names_on(last) == ["Item 48", "Item 49"]
    nexts = read_html(first).select_one('.pagination a[rel="next"]')
    assert nexts is not None
    assert nexts["href"] == "/catalog/shelf?sort=name&page=2"


@pytest.mark.parametrize("page", ["0", "-1", "99999", "9" * 40, "two", "1e3", "٣", ""])
def test_a_page_that_does_not_exist_shows_the_nearest_that_does(
    client: ShopClient, soap: Sku, page: str
) -> None:
    response = client.get("/catalog/bath", query_string={"page": page})
    assert names_on(response) == ["Lavender soap"]


@pytest.mark.parametrize(
    "address", ["/catalog/nothing", "/products/nothing", "/media/x.webp", "/pages/nothing"]
)
def test_what_is_not_there_is_404(client: ShopClient, soap: Sku, address: str) -> None:
    assert client.get(address).status_code == 404


def test_an_empty_category_says_so_and_shows_a_way_on(client: ShopClient) -> None:
    make_shop()
    make_category("Garden", slug="garden")
    page = client.get("/catalog/garden")
    assert "Nothing here yet" in read_text(page)
    assert read_html(page).select_one('.empty a[href="/catalog"]')


def test_htmx_gets_the_listing_alone_and_a_restored_page_the_whole(client: ShopClient, soap: Sku) -> None:
    part = client.hx("/catalog/bath?sort=name")
    assert part.get_data(as_text=True).strip().startswith('<div class="listing__main" id="listing">')
    assert "HX-Request" in part.headers["Vary"]
    assert "1 product" in part.headers["HX-Trigger"]
    whole = client.hx("/catalog/bath", headers={"HX-History-Restore-Request": "true"})
    assert "<html" in whole.get_data(as_text=True)


def test_a_buyer_starts_with_the_table_and_the_choice_of_view_is_remembered(
    client: ShopClient, soap: Sku
) -> None:
    assert read_html(client.get("/catalog")).select_one(".cards")
    sign_in(client, make_buyer())
    assert read_html(client.get("/catalog")).select_one("#table-form")
    client.get("/catalog?view=cards")
    assert read_html(client.get("/catalog/bath")).select_one(".cards")


def test_the_table_sends_every_filled_row_to_the_cart(client: ShopClient, soap: Sku) -> None:
    towel = make_sku(make_product("Towel", category=soap_category(soap)), code="T-1", price=Money(500))
    sign_in(client, make_buyer())

    client.submit(client.get("/catalog"), "#table-form", quantity=["12", ""], sku_id=[soap.id, towel.id])

    cart = read_text(client.get("/cart"))
    assert "Lavender soap" in cart
    assert "Towel" not in cart


def test_a_product_with_options_shows_the_one_chosen(client: ShopClient) -> None:
    make_shop()
    candle = make_product("Candle", slug="candle")
    make_sku(candle, code="C-S", price=Money(300), options={"Size": "Small"})
    make_sku(candle, code="C-L", price=Money(900), options={"Size": "Large"})
    sign_in(client, make_buyer())

    page = client.get("/products/candle?sku=c-l")

    chosen = read_html(page).select_one(".variant[aria-current]")
    assert chosen is not None
    assert chosen.get_text() == "Large"
    assert "$9.00 each" in read_text(page)
    assert "from $3.00" in read_text(cards(client, "/catalog"))


def test_a_product_with_nothing_to_buy_still_has_its_page(client: ShopClient) -> None:
    make_shop()
    make_product("Empty box", slug="empty-box")
    sign_in(client, make_buyer())
    assert "cannot be bought at the moment" in read_text(client.get("/products/empty-box"))
    assert "Empty box" in read_text(client.get("/catalog"))


def test_words_of_the_owner_are_never_taken_for_html(client: ShopClient) -> None:
    make_shop()
    make_sku(make_product("<b>Bold</b> & co", slug="bold", description="<script>x</script>\n\nSecond."))
    page = client.get("/products/bold").get_data(as_text=True)
    assert "<b>Bold" not in page
    assert "<script>x" not in page


# --- The tree ----------------------------------------------------------------------------------------------------


def test_the_tree_is_read_once_and_again_after_a_change(count_queries: Counting) -> None:
    make_category("Bath", slug="bath")
    list_category_tree()
    with count_queries() as queries:
        list_category_tree()
    assert [each for each in queries.statements if "FROM stamps" not in each] == [], queries

    make_category("Garden", slug="garden")
    assert {node.name for node in list_category_tree()} == {"Bath", "Garden"}


def test_a_category_that_is_its_own_grandparent_does_not_hang_the_shop(client: ShopClient) -> None:
    make_shop()
    above = make_category("Above", slug="above")
    below = make_category("Below", parent=above, slug="below")
    with transaction():
        above.parent_id = below.id
        db.session.add(above)
    assert client.get("/catalog").status_code == 200


# --- Queries -----------------------------------------------------------------------------------------------------


def fill_shelf(shelf: Category, count: int) -> None:
    for number in range(count):
        product = make_product(f"Thing {number:02}", category=shelf, slug=f"thing-{number}")
        make_sku(product, options={"Size": "Small"})
        make_sku(product, options={"Size": "Large"})
        add_image(product)


@pytest.mark.parametrize(
    "address",
    ["/", "/catalog", "/catalog/shelf", "/catalog/shelf?sort=price", "/search?q=thing", "/products/thing-0"],
)
def test_pages_ask_at_most_ten_times_write_nothing_and_do_not_grow_with_rows(
    client: ShopClient, count_queries: Counting, address: str
) -> None:
    make_shop()
    shelf = make_category(slug="shelf")
    fill_shelf(shelf, 2)
    sku = db.session.scalars(db.select(Sku)).first()
    assert sku is not None
    sign_in(client, buyer_with_breaks(sku, {1: Money(900)}))
    counts = []
    for more in (0, 24):
        for number in range(more):
            product = make_product(f"Thing more {number}", category=shelf)
            make_sku(product, options={"Size": "Small"})
            add_image(product)
        cache.clear()  # what is kept between pages has to be read by somebody
        with count_queries() as queries:
            assert client.get(address).status_code == 200
        assert queries.count <= 10, queries
        assert queries.writes == [], queries
        counts.append(queries.count)
    assert counts[0] == counts[1]


def test_the_order_by_price_follows_a_change_of_price_at_once(client: ShopClient) -> None:
    make_shop()
    shelf = make_category(slug="shelf")
    bowl = make_sku(make_product("Bowl", category=shelf), price=Money(300))
    make_sku(make_product("Cup", category=shelf), price=Money(500))
    sign_in(client, make_buyer())
    assert names_on(cards(client, "/catalog/shelf?sort=price")) == ["Bowl", "Cup"]
    with transaction():
        bowl.price_cents = Money(900)
        db.session.add(bowl)
    assert names_on(cards(client, "/catalog/shelf?sort=price")) == ["Cup", "Bowl"]
