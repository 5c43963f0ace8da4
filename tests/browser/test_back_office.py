"""The back office in a real browser: nothing is blocked, the script's conveniences work, and so does everything without it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, redirect
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from app.accounts.models import User
from app.accounts.permissions import Role
from app.accounts.sessions import start_session
from app.catalog.models import Category, Sku
from app.extensions import db
from app.orders.status import OrderStatus
from app.payments.status import PaymentStatus
from tests.factories import (
    make_buyer,
    make_category,
    make_order,
    make_payment,
    make_product,
    make_shop,
    make_sku,
    make_staff,
)
from tests.worlds import build_world, settings_for_tests

PAGES = (
    "", "orders/", "orders/details/?id=1", "payments/", "payments/details/?id=1", "users/", "users/details/?id=1", "products/",
    "products/new/", "products/edit/?id=1", "products/details/?id=1", "categories/", "stock/", "stock/details/?id=1", "groups/",
    "price_lists/", "price_breaks/", "shop_facts/edit/?id=1", "shipping/", "tax_rates/", "text_pages/", "certificates/", "outbox/",
    "history/", "search/?q=mug",
)  # fmt: skip


@pytest.fixture(scope="module")
def shop_app(tmp_path_factory, square_server, mail_catcher) -> Flask:
    """A small shop on a file of its own; `/as-owner` signs its owner in, which only this test's shop knows."""
    folder = tmp_path_factory.mktemp("desk")
    app = build_world(
        settings_for_tests(f"sqlite:///{folder / 'shop.db'}", folder, square_server, mail_catcher)
    )

    @app.get("/as-owner")
    def become_owner() -> Response:
        start_session(db.session.scalars(db.select(User).filter_by(role=Role.SHOP_OWNER)).one())
        return redirect("/admin/")

    with app.app_context():
        make_shop()
        make_staff(Role.SHOP_OWNER)
        sku = make_sku(make_product("Mug", category=make_category("Kitchen")), code="HP-1")
        make_payment(make_order(make_buyer(), {sku: 3}, status=OrderStatus.PAID), PaymentStatus.CAPTURED)
        db.session.remove()
    return app


@pytest.fixture(scope="module")
def address(shop_app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, shop_app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    with shop_app.app_context():
        db.engine.dispose()


@pytest.fixture
def open_desk(chromium: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """`open_desk()` is a page of the owner's; what the browser complains about fails the test at its end."""
    complaints: list[str] = []
    contexts = []

    def open_page(*, width: int = 1280, scripts: bool = True) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            base_url=f"{address}/admin/",
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.goto("/as-owner")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints


def stored(app: Flask, query) -> list:
    with app.app_context():
        found = list(db.session.scalars(query))
        db.session.remove()
    return found


@pytest.mark.parametrize("width", [1280, 375])
def test_the_policy_blocks_nothing_and_no_page_scrolls_sideways(open_desk, width):
    page = open_desk(width=width)
    for name in PAGES:
        answer = page.goto(f"./{name}" if name else "/admin/")
        assert answer.status == 200, name
        assert "/admin/" in page.url, f"{name} is not open to the owner"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_deleting_asks_in_a_dialog_and_no_keeps_everything(open_desk, shop_app):
    with shop_app.app_context():
        key = make_category("Candles").id
        db.session.remove()
    page = open_desk()
    page.goto(f"./categories/details/?id={key}")
    page.get_by_role("button", name="Delete").click()
    assert page.get_by_role("dialog").inner_text().startswith("Delete Candles?")
    page.get_by_role("button", name="Go back").click()
    assert stored(shop_app, db.select(Category.name).where(Category.id == key)) == ["Candles"]
    page.get_by_role("button", name="Delete").click()
    with page.expect_navigation():
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    assert "Candles was deleted." in page.locator(".flashes").inner_text()
    assert stored(shop_app, db.select(Category.name).where(Category.id == key)) == []


def test_rows_are_added_to_a_form_and_taken_out_again(open_desk, shop_app):
    page = open_desk()
    page.goto("./products/new/")
    page.get_by_label("Name", exact=True).fill("Tea towel")
    for number, code in enumerate(["TT-1", "TT-2", "TT-3"]):
        page.get_by_role("button", name="Add a row").click()
        page.locator(f"#skus-{number}-code").fill(code)
        page.locator(f"#skus-{number}-price_cents").fill("4.50")
    page.get_by_role("button", name="Remove").nth(1).click()
    with page.expect_navigation():
        page.get_by_role("button", name="Add product").click()
    assert "Tea towel was added." in page.locator(".flashes").inner_text()
    codes = stored(shop_app, db.select(Sku.code).where(Sku.code.like("TT-%")).order_by(Sku.code))
    assert codes == ["TT-1", "TT-3"]


def test_one_box_selects_all_rows_for_an_action(open_desk):
    page = open_desk()
    page.goto("./products/")
    page.get_by_label("Select all rows of this page").check()
    page.get_by_label("With the selected rows").select_option("show")
    with page.expect_navigation():
        page.get_by_role("button", name="Go on").click()
    assert "are not so already" in page.locator(".flashes").inner_text()


def test_without_scripts_an_order_is_cancelled_through_the_asking_page(open_desk, shop_app):
    with shop_app.app_context():
        order = make_order(make_buyer(), status=OrderStatus.PAID)
        key, number = order.id, order.number
        db.session.remove()
    page = open_desk(scripts=False)
    page.goto(f"./orders/details/?id={key}")
    page.get_by_label("Why it is cancelled").fill("Out of stock")
    page.get_by_role("button", name="Cancel the order").click()
    assert page.get_by_role("heading", level=1).inner_text() == f"Cancel order {number}?"
    page.get_by_role("button", name="Cancel the order").click()
    assert "The order is cancelled." in page.locator(".flashes").inner_text()


def test_the_slash_key_goes_to_the_search_box_and_escape_closes_menus(open_desk):
    page = open_desk()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "desk-search"
    page.goto("./orders/")
    page.get_by_text("Filter", exact=True).click()
    assert page.get_by_label("Status is").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_label("Status is").is_visible()
