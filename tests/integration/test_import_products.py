"""Bringing products in from a file: everything or nothing, and the same file twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from flask import Flask

from app.catalog.models import Category, Product, Sku, TaxClass
from app.extensions import db
from app.imports.products import FileRefused, import_products
from app.inventory.models import Stock
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.factories import make_category, make_product, make_sku
from tests.queries import Queries

pytestmark = pytest.mark.usefixtures("app")

HEAD = "sku,product,category,price,options,case_pack,minimum_quantity,weight,barcode,brand,description,stock,active,tax"
ROWS = [
    "SO-L,Lavender soap,Bath > Soap,3.40,Scent=Lavender,12,24,4 oz,0036000291452,Harbor,Mild.,100,yes,taxable",
    "so-r,Lavender soap,bath > soap,$3.60,Scent=Rose,12,24,4 oz,,,,50,no,exempt",
    'MUG,"Mug, tin",Kitchen,"1,009.00",,,,,,,,,,',
]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
        path = tmp_path / "products.csv"
        path.write_text("\n".join([head, *rows]) + "\n", encoding=encoding)
        return path

    return write


Write = Callable[..., Path]


def counts() -> tuple[int, int, int, int]:
    db.session.rollback()
    return tuple(  # type: ignore[return-value]
        db.session.scalar(db.select(db.func.count()).select_from(model)) or 0
        for model in (Category, Product, Sku, Stock)
    )


def sku(code: str) -> Sku:
    db.session.rollback()
    found: Sku = db.session.scalars(db.select(Sku).filter_by(code=code)).one()
    return found


def errors_of(path: Path) -> list[tuple[int, str, str]]:
    with pytest.raises(FileRefused) as refused:
        import_products(path, now=clock.now())
    return [(each.row, each.column, each.message) for each in refused.value.errors]


def test_a_file_becomes_categories_products_skus_and_stock(write: Write) -> None:
    report = import_products(write(*ROWS), now=clock.now())

    assert (report.new_categories, report.new_products, report.new_skus) == (3, 2, 3)
    lavender = sku("SO-L")
    assert lavender.price_cents == Money(340)
    assert (lavender.case_pack, lavender.minimum_quantity, lavender.weight_grams) == (12, 24, 113)
    assert lavender.options == {"Scent": "Lavender"}
    assert lavender.barcode == "0036000291452"
    rose = sku("SO-R")
    assert (rose.is_active, rose.tax_class) == (False, TaxClass.EXEMPT)
    assert rose.product_id == lavender.product_id
    stock = db.session.get_one(Stock, lavender.id)
    assert (stock.available, stock.received, stock.reserved) == (100, 100, 0)
    mug = sku("MUG")
    assert mug.price_cents == Money(100_900)
    assert (mug.case_pack, mug.minimum_quantity, mug.is_active) == (1, 1, True)
    assert db.session.get_one(Stock, mug.id).available == 0
    product = db.session.get_one(Product, lavender.product_id)
    assert (product.name, product.slug, product.brand) == ("Lavender soap", "lavender-soap", "Harbor")
    soap = db.session.get_one(Category, product.category_id)
    bath = db.session.get_one(Category, soap.parent_id)
    assert (soap.name, bath.name) == ("Soap", "Bath")


def test_the_same_file_twice_changes_nothing(write: Write) -> None:
    path = write(*ROWS)
    import_products(path, now=clock.now())
    before, updated = counts(), db.session.scalars(db.select(Product.updated_at).order_by(Product.id)).all()

    report = import_products(path, now=clock.now())

    assert (report.new_categories, report.new_products, report.changed_products) == (0, 0, 0)
    assert (report.new_skus, report.changed_skus) == (0, 0)
    assert "SKUs: 0 new, 0 changed." in report.lines
    assert counts() == before
    assert db.session.scalars(db.select(Product.updated_at).order_by(Product.id)).all() == updated


def test_a_dry_run_says_what_would_happen_and_writes_nothing(write: Write) -> None:
    report = import_products(write(*ROWS), now=clock.now(), dry_run=True)
    assert (report.new_products, report.new_skus) == (2, 3)
    assert "This was a dry run: nothing was written." in report.lines
    assert counts() == (0, 0, 0, 0)


def test_stock_in_the_file_never_touches_a_sku_that_was_here(write: Write) -> None:
    import_products(write(*ROWS), now=clock.now())
    with transaction():
        stock = db.session.get_one(Stock, sku("SO-L").id)
        stock.available, stock.reserved = 90, 10
        db.session.add(stock)

    report = import_products(write(ROWS[0].replace(",100,", ",500,")), now=clock.now())

    stock = db.session.get_one(Stock, sku("SO-L").id)
    assert (stock.available, stock.reserved, stock.received) == (90, 10, 100)
    assert report.stock_left_alone == 1
    assert any("left alone" in line for line in report.lines)


def test_an_empty_cell_leaves_what_is_there(write: Write) -> None:
    import_products(write(*ROWS), now=clock.now())
    report = import_products(write("SO-L,Lavender soap,Bath > Soap,3.90,,,,,,,,,,"), now=clock.now())
    lavender = sku("SO-L")
    assert (lavender.price_cents, lavender.case_pack, lavender.barcode) == (Money(390), 12, "0036000291452")
    assert db.session.get_one(Product, lavender.product_id).brand == "Harbor"
    assert (report.changed_skus, report.changed_products) == (1, 0)


def test_every_mistake_is_named_with_row_column_and_value_and_nothing_is_written(write: Write) -> None:
    path = write(
        ROWS[0],
        "A,Bowl,Kitchen,3.405,,,,,,,,,,",
        ",Bowl,Kitchen,abc,,,,,,,,,,",
        "C,Bowl,Kitchen > > Mugs,1,Size,0,x,12,123,,,-1,maybe,some",
        "so-l,Other,Kitchen,1,,,,,,,,,,",
        "D,Bowl,Garden,1,,,,,,,,,,",
    )
    found = errors_of(path)
    places = [(row, column) for row, column, _ in found]
    assert places == [
        (3, "price"), (4, "price"), (4, "sku"), (5, "category"), (5, "options"), (5, "barcode"), (5, "case_pack"),
        (5, "minimum_quantity"), (5, "weight"), (5, "tax"), (5, "active"), (5, "stock"), (6, "sku"),
    ]  # fmt: skip
    assert found[-1][2] == "This SKU stands in row 2 already."
    with pytest.raises(FileRefused) as refused:
        import_products(path, now=clock.now())
    assert (
        str(refused.value.errors[0])
        == "Row 3, column price ('3.405'): Enter a price per unit in dollars, like 3.40."
    )
    assert counts() == (0, 0, 0, 0)


def test_rows_of_one_product_must_agree(write: Write) -> None:
    found = errors_of(write("A,Bowl,Kitchen,1,,,,,,,,,,", "B,Bowl,Garden,1,,,,,,,,,,"))
    assert [(row, column) for row, column, _ in found] == [(3, "category")]


def test_a_sku_of_another_product_is_refused_and_the_whole_file_with_it(write: Write) -> None:
    make_sku(make_product("Old bowl", slug="old-bowl"), code="BOWL")
    before = counts()
    found = errors_of(write("NEW,Cup,Kitchen,1,,,,,,,,,,", "BOWL,New bowl,Kitchen,1,,,,,,,,,,"))
    assert [(row, column) for row, column, _ in found] == [(3, "sku")]
    assert "old-bowl" in found[0][2]
    assert counts() == before


def test_a_handle_renames_a_product(write: Write) -> None:
    make_sku(make_product("Old bowl", slug="old-bowl"), code="BOWL")
    head = "sku,product,category,price,handle"
    report = import_products(write("BOWL,New bowl,Kitchen,10.00,old-bowl", head=head), now=clock.now())
    product = db.session.get_one(Product, sku("BOWL").product_id)
    assert (product.name, product.slug) == ("New bowl", "old-bowl")
    assert (report.new_products, report.changed_products) == (0, 1)


def test_categories_are_found_by_name_and_get_addresses_of_their_own(write: Write) -> None:
    kitchen = make_category("Kitchen", slug="kitchen")
    make_category("Mugs", parent=kitchen, slug="mugs")
    rows = ["A,Cup,kitchen > MUGS,1", "B,Can,Garden > Mugs,1"]
    import_products(write(*rows, head="sku,product,category,price"), now=clock.now())
    slugs = set(db.session.scalars(db.select(Category.slug)))
    assert slugs == {"kitchen", "mugs", "garden", "garden-mugs"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_utf_8_is_read_with_and_without_its_mark(write: Write, encoding: str) -> None:
    path = write("A,Crème brûlée dish,Kitchen,1", head="sku,product,category,price", encoding=encoding)
    import_products(path, now=clock.now())
    product = db.session.get_one(Product, sku("A").product_id)
    assert (product.name, product.slug) == ("Crème brûlée dish", "creme-brulee-dish")


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16", "utf-16-le"])
def test_any_other_encoding_is_refused_with_the_way_to_save_it(write: Write, encoding: str) -> None:
    path = write("A,Crème dish,Kitchen,1", head="sku,product,category,price", encoding=encoding)
    if encoding == "utf-16-le":  # no mark at the front: it looks like a table with odd columns
        assert errors_of(path)
    else:
        assert "CSV UTF-8" in errors_of(path)[0][2]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_semicolons_and_tabs_part_cells_too(write: Write, delimiter: str) -> None:
    path = write(
        delimiter.join(["A", "Cup", "Kitchen", "1"]),
        head=delimiter.join(["SKU", "Product", "Category", "Price"]),
    )
    assert import_products(path, now=clock.now()).new_skus == 1


@pytest.mark.parametrize(
    ("head", "column", "says"),
    [
        ("sku,product,category", "price", "missing"),
        ("sku,product,category,price,colour", "colour", "not known"),
        ("sku,sku,product,category,price", "sku", "twice"),
    ],
)
def test_a_wrong_heading_is_named(write: Write, head: str, column: str, says: str) -> None:
    [(row, found, words)] = errors_of(write("A,B,C,1", head=head))
    assert (row, found) == (1, column)
    assert says in words


def test_an_empty_file_and_an_open_quotation_mark_are_refused(write: Write, tmp_path: Path) -> None:
    assert "no rows" in errors_of(write())[0][2]
    empty = tmp_path / "empty.csv"
    empty.write_bytes(b"")
    assert errors_of(empty)
    assert errors_of(write('A,"Cup,Kitchen,1', head="sku,product,category,price"))


def test_ten_times_the_rows_take_few_more_queries(
    write: Write, count_queries: Callable[[], AbstractContextManager[Queries]]
) -> None:
    rows = [
        f"K-{number},Thing {number // 2},Kitchen,1.00,Size={number % 2},,,,,,,5,," for number in range(300)
    ]
    import_products(write(*rows[:30]), now=clock.now())
    with count_queries() as few:
        import_products(write(*rows[:30]), now=clock.now())
    with count_queries() as many:
        import_products(write(*rows[:300]), now=clock.now())
        import_products(write(*rows[:300]), now=clock.now())
    assert few.count <= 4, few
    reads = [each for each in many.statements if each.upper().startswith("SELECT")]
    assert len(reads) <= 12, many


def test_the_command_says_what_it_did_and_ends_with_1_where_it_refused(app: Flask, write: Write) -> None:
    run = app.test_cli_runner().invoke
    done = run(args=["import-products", str(write(*ROWS))])
    assert done.exit_code == 0, done.output
    assert "SKUs: 3 new, 0 changed." in done.output
    wrong = run(args=["import-products", str(write("A,Bowl,Kitchen,free")), "--dry-run"])
    assert wrong.exit_code == 1
    assert "column price ('free')" in wrong.output
    assert "nothing was changed" in wrong.output
