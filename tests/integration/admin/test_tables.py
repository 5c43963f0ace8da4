"""Plain data in the back office: adding, changing, deleting, finding, exporting."""

from __future__ import annotations

import csv
import io

import pytest

from app.catalog.models import Category, Product, Sku
from app.extensions import db
from app.inventory.models import Stock
from app.pricing.models import TaxRate
from app.shared.history import HistoryEntry, list_history
from app.shared.money import Money
from app.shop.models import ShippingMethod, ShopFacts
from tests.client import read_html, read_text
from tests.factories import (
    make_buyer,
    make_cart,
    make_category,
    make_group,
    make_order,
    make_price_list,
    make_product,
    make_shipping_method,
    make_sku,
    make_staff,
)

FORM = "form.desk-form"


def exists(model, key) -> bool:
    return db.session.scalar(db.select(model.id).where(model.id == key)) is not None


def reread(row):
    db.session.refresh(row)
    return row


def test_a_category_is_added_under_another_with_an_address_made_from_its_name(desk):
    kitchen = make_category("Kitchen")
    page = desk.get("/admin/categories/new/")
    answer = desk.submit(page, FORM, name="Mugs & Cups", parent_id=str(kitchen.id))
    assert "Mugs & Cups was added." in read_text(answer)
    saved = db.session.scalars(db.select(Category).filter_by(name="Mugs & Cups")).one()
    assert (saved.slug, saved.parent_id) == ("mugs-cups", kitchen.id)


def test_the_list_of_categories_stands_in_the_order_of_the_tree(desk):
    garden, kitchen = make_category("Garden", position=2), make_category("Kitchen", position=1)
    make_category("Mugs", parent=kitchen)
    make_category("Pots", parent=garden)
    names = [
        cell.get_text(strip=True) for cell in read_html(desk.get("/admin/categories/")).select(".cell-first")
    ]
    assert [name.removeprefix("–").strip() for name in names] == ["Kitchen", "Mugs", "Garden", "Pots"]


def test_a_category_cannot_stand_under_itself(desk):
    top = make_category("Top")
    below = make_category("Below", parent=top)
    page = desk.get(f"/admin/categories/edit/?id={top.id}")
    answer = desk.submit(page, FORM, parent_id=str(below.id))
    assert answer.status_code == 422
    assert "A category cannot stand under itself." in read_text(answer)


def test_a_wrong_entry_comes_back_with_what_was_typed_and_a_focused_summary(desk):
    answer = desk.submit(
        desk.get("/admin/shipping/new/"), FORM, code="ground", name="Ground", price_cents="twelve"
    )
    page = read_html(answer)
    assert answer.status_code == 422
    assert page.title.get_text().startswith("Error:")
    assert page.select_one(".error-summary[autofocus] a[href='#price_cents']")
    assert page.select_one("#price_cents")["value"] == "twelve"
    assert page.select_one("#price_cents")["aria-invalid"] == "true"
    assert page.select_one("#name")["value"] == "Ground"
    assert db.session.scalars(db.select(ShippingMethod)).all() == []


def test_an_address_that_is_taken_is_refused_but_not_by_the_row_itself(desk):
    make_category("Mugs", slug="mugs")
    other = make_category("Cups", slug="cups")
    taken = desk.submit(desk.get(f"/admin/categories/edit/?id={other.id}"), FORM, slug="mugs")
    assert "Another one has this address." in read_text(taken)
    kept = desk.submit(desk.get(f"/admin/categories/edit/?id={other.id}"), FORM, name="Big cups")
    assert "Big cups was saved." in read_text(kept)


def test_money_and_per_cent_are_read_as_people_type_them(desk):
    desk.submit(
        desk.get("/admin/shipping/new/"),
        FORM,
        code="freight",
        name="Freight",
        price_cents="$1,250.50",
        free_above_cents="",
    )
    method = db.session.scalars(db.select(ShippingMethod)).one()
    assert (method.price_cents, method.free_above_cents) == (Money(125050), None)
    desk.submit(desk.get("/admin/tax_rates/new/"), FORM, state="ME", name="Maine", rate="5.5%")
    assert str(db.session.scalars(db.select(TaxRate)).one().rate) == "0.05500"


@pytest.mark.parametrize("rate", ["-1", "100", "abc", "5.12345678", "NaN", ""])
def test_a_tax_rate_that_is_none_is_refused(desk, rate):
    answer = desk.submit(desk.get("/admin/tax_rates/new/"), FORM, state="ME", name="Maine", rate=rate)
    assert answer.status_code == 422


def test_a_product_is_added_with_its_skus_and_each_gets_a_stock_row(desk):
    category = make_category()
    data = {
        "name": "Pillar candle", "category_id": category.id, "is_active": "y", "position": "0",
        "skus-0-code": "hp-77", "skus-0-price_cents": "3.40", "skus-0-options": "Size: 8 oz; Scent: Fir",
        "skus-0-case_pack": "6", "skus-0-minimum_quantity": "12", "skus-0-weight_grams": "300", "skus-0-tax_class": "standard",
        "skus-0-position": "0", "skus-0-is_active": "y",
    }  # fmt: skip
    answer = desk.post("/admin/products/new/", data=data, follow_redirects=True)
    assert "Pillar candle was added." in read_text(answer)
    sku = db.session.scalars(db.select(Sku)).one()
    assert (sku.code, sku.price_cents, sku.options) == ("HP-77", Money(340), {"Size": "8 oz", "Scent": "Fir"})
    assert db.session.get(Stock, sku.id).available == 0


def test_without_scripts_the_form_offers_one_empty_row_and_ignores_it_when_left_empty(desk):
    product = make_product("Mug")
    make_sku(product, code="A-1")
    page = desk.get(f"/admin/products/edit/?id={product.id}")
    assert read_html(page).select_one("noscript input[name='skus-1-code']")
    answer = desk.submit(page, FORM, name="Big mug")
    assert "Big mug was saved." in read_text(answer)
    assert db.session.scalars(db.select(Sku.code)).all() == ["A-1"]


def test_a_sku_code_of_another_product_is_refused_beside_its_field(desk):
    make_sku(code="A-1")
    product = make_product("Mug")
    make_sku(product, code="B-1")
    answer = desk.submit(desk.get(f"/admin/products/edit/?id={product.id}"), FORM, **{"skus-0-code": "a-1"})
    assert answer.status_code == 422
    assert "Another product has this SKU." in read_text(answer)


def test_a_sku_that_was_never_ordered_can_be_deleted_in_the_form(desk):
    product = make_product("Mug")
    keep, gone = make_sku(product, code="A-1"), make_sku(product, code="A-2", position=1)
    make_price_list(breaks={gone: {12: Money(900)}})
    make_cart(make_buyer(), {gone: 2})
    page = desk.get(f"/admin/products/edit/?id={product.id}")
    box = (
        read_html(page)
        .select_one(f"input[name^=skus-][name$=-id][value='{gone.id}']")["name"]
        .removesuffix("-id")
    )
    answer = desk.submit(page, FORM, **{f"del-{box}": "yes"})
    assert "Mug was saved." in read_text(answer)
    assert db.session.scalars(db.select(Sku.id)).all() == [keep.id]


def test_a_sku_that_was_ordered_stays_and_the_reason_is_said(desk):
    product = make_product("Mug")
    sku = make_sku(product, code="A-1")
    make_order(make_buyer(), {sku: 1})
    asked = desk.post(
        "/admin/products/delete/", data={"id": product.id, "confirmed": "yes"}, follow_redirects=True
    )
    assert "A-1 was ordered before, so it cannot be deleted." in read_text(asked)
    assert exists(Product, product.id)


def test_deleting_asks_first_even_without_scripts(desk):
    key = make_category("Candles").id
    page = desk.get(f"/admin/categories/details/?id={key}")
    asked = desk.submit(page, "form[action$='/delete/']")
    assert "Delete Candles?" in read_text(asked)
    assert exists(Category, key)
    done = desk.submit(asked, "form.confirm-page")
    assert "Candles was deleted." in read_text(done)
    assert not exists(Category, key)


def test_what_is_used_elsewhere_is_not_deleted(desk):
    category = make_category("Candles")
    make_product(category=category)
    answer = desk.post(
        "/admin/categories/delete/", data={"id": category.id, "confirmed": "yes"}, follow_redirects=True
    )
    assert "used elsewhere" in read_text(answer)
    assert exists(Category, category.id)


def test_every_change_is_in_the_history_with_old_and_new(desk, owner):
    method = make_shipping_method("Ground", price=Money(1200))
    desk.submit(desk.get(f"/admin/shipping/edit/?id={method.id}"), FORM, price_cents="15.00")
    [entry] = list_history("shipping_method", method.id)
    assert (entry.event, entry.actor_id) == ("edited", owner.id)
    assert entry.details["changes"] == {"price_cents": ["$12.00", "$15.00"]}
    page = read_text(desk.get(f"/admin/shipping/details/?id={method.id}"))
    assert "price: $12.00 → $15.00" in page


def test_changes_to_skus_are_in_their_products_history(desk):
    product = make_product("Mug")
    make_sku(product, code="A-1", price=Money(1000))
    desk.submit(desk.get(f"/admin/products/edit/?id={product.id}"), FORM, **{"skus-0-price_cents": "11.00"})
    [entry] = list_history("product", product.id)
    [part] = entry.details["parts"]
    assert part["row"] == "Sku A-1"
    assert part["changes"] == {"price_cents": ["$10.00", "$11.00"]}


def test_saving_without_a_change_writes_no_history(desk):
    category = make_category("Candles")
    desk.submit(desk.get(f"/admin/categories/edit/?id={category.id}"), FORM)
    assert list_history("category", category.id) == []


def test_the_second_of_two_people_is_told_and_loses_nothing(desk, desk_of):
    category = make_category("Candles")
    page = desk.get(f"/admin/categories/edit/?id={category.id}")
    other = desk_of(make_staff().role)
    other.submit(other.get(f"/admin/categories/edit/?id={category.id}"), FORM, name="Fine candles")
    stale = desk.submit(page, FORM, description="All of beeswax")
    assert stale.status_code == 409
    assert "Somebody saved this after you opened it." in read_text(stale)
    assert "All of beeswax" in read_html(stale).select_one("#description").get_text()
    assert reread(category).name == "Fine candles"
    desk.submit(stale, FORM, name="Fine candles")
    assert reread(category).description == "All of beeswax"


def test_the_history_cannot_be_edited(desk):
    category = make_category("Candles")
    desk.submit(desk.get(f"/admin/categories/edit/?id={category.id}"), FORM, name="Tapers")
    entry = db.session.scalars(db.select(HistoryEntry)).one()
    assert desk.get(f"/admin/history/edit/?id={entry.id}").status_code == 404
    assert desk.post("/admin/history/delete/", data={"id": entry.id, "confirmed": "yes"}).status_code == 404
    assert desk.post("/admin/history/ajax/update/", data={"list_form_pk": entry.id}).status_code == 404
    assert "name: Candles → Tapers" in read_text(desk.get("/admin/history/"))


def test_filters_are_in_the_address_and_removable_one_by_one(desk):
    make_product("Shown mug")
    make_product("Hidden mug", is_active=False)
    page = desk.submit(desk.get("/admin/products/"), ".desk-filters__sheet", flt2_shown_is="no")
    assert page.request.query_string.decode() == "flt2_shown_is=no"
    assert "Hidden mug" in read_text(page)
    assert "Shown mug" not in read_text(page)
    chip = read_html(page).select_one(".chip")["href"]
    assert "Shown mug" in read_text(desk.get(chip))


@pytest.mark.parametrize(
    "query",
    [
        "page=-5",
        "page=99999999999999999999",
        "page_size=7",
        "sort=99",
        "flt0_category_is=x",
        "flt9_=1",
        "search=%25_%00",
        "show=x",
        "id=",
    ],
)
def test_odd_addresses_of_a_list_never_fail(desk, query):
    make_product("Mug")
    assert desk.get(f"/admin/products/?{query}", follow_redirects=True).status_code == 200


@pytest.mark.parametrize("key", ["", "0", "-1", "abc", "1e9", "999999999999999999999999", "1;2", "٣"])
def test_a_row_that_is_none_is_not_found(desk, key):
    for address in (
        "/admin/products/details/",
        "/admin/products/edit/",
        "/admin/orders/details/",
        "/admin/stock/details/",
    ):
        assert desk.get(address, query_string={"id": key}).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["flt2_placed_from=9999-12-31", "flt3_placed_until=9999-12-31", "flt2_placed_from=0001-01-01", "flt2_placed_from=soon",
     "flt1_po_contains=%00", "flt0_status_is=nope", "search=" + "x" * 60_000],
)  # fmt: skip
def test_odd_filters_never_fail(desk, query):
    make_order(make_buyer())
    assert desk.get(f"/admin/orders/?{query}", follow_redirects=True).status_code == 200


def test_a_form_without_its_token_changes_nothing(desk):
    category = make_category("Candles")
    answer = desk.post("/admin/categories/delete/", data={"id": category.id, "confirmed": "yes"}, csrf=False)
    assert answer.status_code == 400
    assert exists(Category, category.id)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 100_000},
        {"position": "9" * 40},
        {"category_id": "999999999999999999999"},
        {"category_id": "1' OR 1=1"},
        {"skus-99999999999999-code": "A"},
        {"skus-0-code": "A", "skus-0-price_cents": "1e400"},
        {"skus-0-code": "A", "skus-0-price_cents": "99999999999999999999"},
        {"skus-0-id": "-5", "skus-0-code": "A"},
        {"slug": "../../etc"},
        {"name": "\x00\ufffd\U0001f9fc"},
    ],
)
def test_absurd_entries_are_answered_with_a_page_not_a_fault(desk, changes):
    make_category()
    data = {"name": "Mug", "slug": "", "position": "0", **changes}
    assert desk.post("/admin/products/new/", data=data).status_code in {303, 422}


def test_many_products_are_hidden_at_once_after_saying_which(desk):
    first, second = make_product("Mug"), make_product("Bowl", is_active=False)
    asked = desk.post("/admin/products/action/", data={"action": "hide", "rowid": [first.id, second.id]})
    words = read_text(asked)
    assert "Hide 1 of 2 selected products?" in words
    assert "Not touched, because they are so already: 1." in words
    assert reread(first).is_active
    desk.submit(asked, "form.confirm-page")
    assert not reread(first).is_active
    assert list_history("product", first.id)[0].details["changes"] == {"is_active": [True, False]}


def test_an_export_is_safe_to_open_in_a_spreadsheet(desk):
    make_category("=HYPERLINK(1)", slug="evil")
    make_category("+1 Candles", slug="plus")
    rows = list(csv.reader(io.StringIO(desk.get("/admin/categories/export/csv/").get_data(as_text=True))))
    assert {row[0] for row in rows[1:]} == {"'=HYPERLINK(1)", "'+1 Candles"}


def test_an_export_holds_what_is_filtered_with_plain_figures(desk):
    make_group("Boutiques", first_order_minimum=Money(25000))
    make_group("Hotels")
    answer = desk.get("/admin/groups/export/csv/?flt0_name_contains=bout")
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True))))
    assert [row[0] for row in rows[1:]] == ["Boutiques"]
    assert rows[1][rows[0].index("First order from")] == "250.00"


def test_one_customer_group_at_a_time_is_the_suggested_one(desk):
    old, new = make_group("Old", is_default=True), make_group("New")
    desk.submit(desk.get(f"/admin/groups/edit/?id={new.id}"), FORM, is_default="y")
    assert (reread(old).is_default, reread(new).is_default) == (False, True)


def test_price_breaks_name_their_sku_by_its_code(desk):
    sku = make_sku(code="HP-5")
    price_list = make_price_list("Boutiques")
    answer = desk.submit(
        desk.get("/admin/price_breaks/new/"), FORM,
        price_list_id=str(price_list.id), sku_id="hp-5", minimum_quantity="48", unit_price_cents="3.10",
    )  # fmt: skip
    assert "HP-5 from 48 was added." in read_text(answer)
    assert sku.code in read_text(desk.get("/admin/price_breaks/"))
    wrong = desk.submit(desk.get("/admin/price_breaks/new/"), FORM, sku_id="HP-404", unit_price_cents="3.10")
    assert "No SKU has this code." in read_text(wrong)


def test_the_shops_facts_are_one_row_that_can_be_changed_but_not_removed(desk):
    assert desk.get("/admin/shop_facts/").location == "/admin/shop_facts/details/?id=1"
    answer = desk.submit(
        desk.get("/admin/shop_facts/edit/?id=1"), FORM, notice="Closed on Monday", time_zone="Mars/Base"
    )
    assert "Enter a zone like America/New_York." in read_text(answer)
    desk.submit(answer, FORM, time_zone="America/Los_Angeles")
    assert db.session.get(ShopFacts, 1).notice == "Closed on Monday"
    assert desk.post("/admin/shop_facts/delete/", data={"id": 1, "confirmed": "yes"}).status_code == 404
