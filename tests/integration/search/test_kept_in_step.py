"""What a search finds follows every change of the catalogue, whichever way it is made, and none that was taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.catalog.models import Category, Product, Sku
from app.catalog.search import search_products
from app.catalog.search_table import ProductSearch
from app.extensions import db
from app.imports.products import import_products
from app.shared.transaction import transaction
from sandbox.demo.catalogue import load_catalogue
from sandbox.demo.seed_goods import seed_goods
from tests.factories import make_category, make_price_list, make_product, make_shop, make_sku

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def names_of(text: str) -> list[str]:
    found = search_products(text, 1).ids
    rows = {row.id: row.name for row in db.session.scalars(db.select(Product).where(Product.id.in_(found)))}
    return [rows[each] for each in found]


@pytest.fixture
def soap(app: Flask) -> Product:
    make_shop()
    soap = make_product("Lavender soap", category=make_category("Bath"), brand="Harbor")
    make_sku(soap, code="HP-1204")
    return soap


def change(row: Product | Sku | Category, **values: object) -> None:
    with transaction():
        for name, value in values.items():
            setattr(row, name, value)


def test_a_new_name_is_found_and_the_old_one_no_longer(soap: Product) -> None:
    change(soap, name="Rosemary bar")
    assert names_of("rosemary") == ["Rosemary bar"]
    assert names_of("lavender") == []


def test_a_hidden_product_is_not_found_by_anything_until_it_is_shown_again(soap: Product) -> None:
    change(soap, is_active=False)
    assert [names_of(text) for text in ("lavender", "harbor", "hp-1204", "bath")] == [[]] * 4
    change(soap, is_active=True)
    assert [names_of(text) for text in ("lavender", "harbor", "hp-1204", "bath")] == [["Lavender soap"]] * 4


def test_skus_count_as_long_as_they_are_on_sale(soap: Product) -> None:
    sku = make_sku(soap, code="HP-77")
    assert names_of("hp77") == ["Lavender soap"]
    change(sku, is_active=False)
    assert names_of("hp77") == names_of("hp-77") == []
    change(sku, is_active=True, code="HP-88")
    assert names_of("hp77") == []
    assert names_of("hp88") == ["Lavender soap"]
    with transaction():
        db.session.execute(
            sa.delete(sa.table("stock", sa.column("sku_id"))).where(sa.column("sku_id") == sku.id)
        )
        db.session.delete(sku)
    assert names_of("hp88") == []


def test_a_renamed_or_moved_category_is_found_by_its_new_name_without_touching_its_products(
    soap: Product,
) -> None:
    bath = db.session.get_one(Category, soap.category_id)
    change(bath, name="Washroom")
    assert names_of("washroom") == ["Lavender soap"]
    assert names_of("bath") == []
    change(bath, parent_id=make_category("Wellness").id)
    assert names_of("wellness soap") == ["Lavender soap"]


def test_a_product_in_another_category_is_found_there(soap: Product) -> None:
    change(soap, category_id=make_category("Kitchen").id)
    assert names_of("kitchen") == ["Lavender soap"]
    assert names_of("bath") == []


def test_a_deleted_product_leaves_no_words(app: Flask) -> None:
    plate = make_product("Dinner plate")
    with transaction():
        db.session.delete(db.session.get_one(Product, plate.id))
    assert names_of("dinner") == []
    assert db.session.scalars(db.select(ProductSearch)).all() == []


def test_what_was_taken_back_changes_nothing(soap: Product) -> None:
    def fail() -> None:
        with transaction():
            db.session.get_one(Product, soap.id).name = "Rosemary bar"
            db.session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert names_of("rosemary") == []
    assert names_of("lavender") == ["Lavender soap"]


def test_what_a_savepoint_takes_back_does_not_hide_what_stays(soap: Product) -> None:
    def fail() -> None:
        with db.session.begin_nested():
            db.session.get_one(Product, soap.id).summary = "for a moment"
            db.session.flush()
            raise ZeroDivisionError

    with transaction():
        db.session.get_one(Product, soap.id).name = "Rosemary bar"
        db.session.flush()
        with pytest.raises(ZeroDivisionError):
            fail()
    assert names_of("rosemary") == ["Rosemary bar"]
    assert names_of("moment") == []


def test_an_import_is_found_at_once_and_a_dry_run_not(app: Flask, tmp_path: Path) -> None:
    make_shop()
    path = tmp_path / "goods.csv"
    path.write_text(
        "product,category,sku,price\nCopper kettle,Kitchen,CK-1,12.00\nCopper pot,Kitchen,CP-1,9.00\n"
    )
    import_products(path, now=NOW, dry_run=True)
    assert names_of("copper") == []
    import_products(path, now=NOW)
    assert names_of("copper") == ["Copper kettle", "Copper pot"]


def test_a_change_of_price_or_stock_does_not_write_the_words_anew(soap: Product) -> None:
    seen: list[str] = []

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    try:
        change(soap, position=9)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)
    assert [each for each in seen if each.startswith("UPDATE products")]
    assert not [each for each in seen if "product_search" in each and not each.startswith("SELECT")]


def test_the_command_mends_what_bulk_statements_left_wrong_and_then_finds_nothing_to_do(
    soap: Product, app: Flask
) -> None:
    wrong = make_product("Dinner plate")
    with transaction():
        db.session.execute(sa.update(ProductSearch.__table__).values(words="a_nonsense"))  # type: ignore[arg-type]
        late = {
            "name": "Late lamp",
            "slug": "late",
            "category_id": soap.category_id,
            "brand": "",
            "summary": "",
        }
        more = {"description": "", "is_active": True, "position": 0, "created_at": NOW, "updated_at": NOW}
        db.session.execute(sa.insert(Product.__table__), [late | more])  # type: ignore[arg-type]
        db.session.execute(sa.delete(Product.__table__).where(Product.__table__.c.id == wrong.id))  # type: ignore[arg-type]
    assert search_products("nonsense", 1).count == 2
    assert names_of("late") == []

    told = [app.test_cli_runner().invoke(args=["search", "rebuild"]).output for _ in range(2)]

    assert "3 products were not found by the right words: mended." in told[0]
    assert "Every product is found as it should be." in told[1]
    assert names_of("lavender") == ["Lavender soap"]
    assert names_of("late") == ["Late lamp"]
    assert names_of("nonsense") == names_of("dinner") == []


def test_the_demo_catalogue_is_found(app: Flask) -> None:
    make_shop()
    for group in load_catalogue().customer_groups:
        make_price_list(group.name)
    seed_goods(NOW)
    skus = db.session.scalars(db.select(Sku).order_by(Sku.id)).all()
    assert len(skus) > 100
    for sku in skus[::40]:
        assert search_products(sku.code, 1).ids[0] == sku.product_id
