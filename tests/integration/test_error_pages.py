"""What people read when something goes wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.accounts.guards import permission_required
from app.accounts.permissions import Permission, Role
from app.error_pages import is_database_away
from app.extensions import db
from app.shared.errors import AppError, Conflict, NotAllowed, NotFound, RulesBroken, Violation
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_buyer, make_shop, make_staff
from tests.worlds import build_app, settings_for_tests

TROUBLE = {
    "refused": AppError("We cannot do that today."),
    "rules": RulesBroken(
        [
            Violation("minimum", "Add $20.00 to reach the minimum.", "Open your cart", "carts.show"),
            Violation("terms", "Tick the box about the terms."),
        ]
    ),
    "not-found": NotFound(),
    "conflict": Conflict("This is cancelled now."),
    "not-allowed": NotAllowed(),
    "bug": ValueError("the secret of 4111 1111 1111 1111"),
    "away": OperationalError("SELECT 1", {}, Exception(2006, "MySQL server has gone away")),
    "busy": PoolTimeout("QueuePool limit reached"),
}


@pytest.fixture(scope="module")
def troubled(
    tmp_path_factory: pytest.TempPathFactory, square_server: SquareServer, mail_catcher: MailCatcher
) -> Iterator[Flask]:
    """A shop with one page for each kind of trouble, which answers as it does in production."""
    folder = tmp_path_factory.mktemp("trouble")
    app = build_app(
        settings_for_tests(f"sqlite:///{folder / 'shop.db'}", folder, square_server, mail_catcher)
    )
    trouble = Blueprint("trouble", __name__)

    @trouble.route("/trouble/<kind>", methods=["GET", "POST"])
    def meet(kind: str) -> str:
        if kind in TROUBLE:
            raise TROUBLE[kind]
        return "fine"

    @trouble.route("/refund-desk")
    @permission_required(Permission.ORDERS_REFUND)
    def refund_desk() -> str:
        return "the desk"

    app.register_blueprint(trouble)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.testing = False
    with app.app_context():
        db.create_all()
        make_shop(name="Harbor & Pine", email="hello@example.com")
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def browser(troubled: Flask) -> ShopClient:
    return troubled.test_client()


@pytest.mark.parametrize(
    "kind, status, words",
    [
        ("refused", 422, "We cannot do that today."),
        ("rules", 422, "Add $20.00 to reach the minimum."),
        ("not-found", 404, "nothing at this address"),
        ("conflict", 409, "This is cancelled now."),
        ("not-allowed", 403, "not allowed to do this"),
        ("bug", 500, "Something went wrong on our side"),
        ("away", 503, "closed for a moment"),
        ("busy", 503, "closed for a moment"),
    ],
)
def test_each_kind_of_trouble_has_its_status_and_its_words(
    browser: ShopClient, kind: str, status: int, words: str
):
    browser.get("/")  # what the shop is called is remembered from any page, for when the database is away
    page = browser.get(f"/trouble/{kind}")
    assert page.status_code == status
    assert words in read_text(page)
    assert "hello@example.com" in read_text(page)
    assert len(read_html(page).select("h1")) == 1
    fragment = browser.hx(f"/trouble/{kind}")
    assert fragment.status_code == status
    assert read_html(fragment).select_one("#error-notice") is not None
    assert read_html(fragment).select_one("header") is None


def test_broken_rules_are_listed_each_with_its_fix(browser: ShopClient):
    page = read_html(browser.get("/trouble/rules"))
    assert len(page.select(".fixes li")) == 2
    [fix] = page.select(".fixes a")
    assert (fix["href"], fix.get_text()) == ("/cart", "Open your cart")


def test_a_bug_has_a_number_that_is_in_the_log_and_shows_nothing_else(
    browser: ShopClient, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.DEBUG, logger="tradepost")
    page = browser.get("/trouble/bug")
    reference = read_html(page).select_one(".mono").get_text()
    assert len(reference) == 8
    assert "ValueError" not in read_text(page)
    lines = [
        json.loads(record.getMessage()) for record in caplog.records if record.name == "tradepost.errors"
    ]
    assert [line["reference"] for line in lines] == [reference]
    assert "ValueError" in lines[0]["exception"]
    assert "4111" not in json.dumps(lines)


def test_a_shop_without_its_database_says_when_to_come_back(
    tmp_path: Path, square_server: SquareServer, mail_catcher: MailCatcher
):
    address = f"sqlite:///{tmp_path / 'gone' / 'shop.db'}"
    app = build_app(settings_for_tests(address, tmp_path, square_server, mail_catcher))
    app.testing = False
    client = app.test_client()
    with app.app_context():
        for answer in (client.get("/"), client.get("/login"), client.get("/nowhere"), client.hx("/catalog")):
            assert answer.status_code == 503
            assert int(answer.headers["Retry-After"]) > 0
            assert "for a moment" in read_text(answer)


def test_a_shop_remembers_its_own_telephone_when_the_database_is_away(browser: ShopClient):
    browser.get("/login")
    assert "Harbor & Pine" in read_text(browser.get("/trouble/away"))


def test_an_error_of_the_database_that_waiting_does_not_mend_is_a_bug():
    engine = create_engine("sqlite://")
    with engine.connect() as connection, pytest.raises(OperationalError) as error:
        connection.exec_driver_sql("SELECT * FROM nowhere")
    engine.dispose()
    assert not is_database_away(error.value)
    assert is_database_away(OperationalError("x", {}, Exception(1213, "Deadlock found")))
    assert is_database_away(OperationalError("x", {}, Exception("database is locked")))
    assert not is_database_away(ValueError("no"))


@pytest.mark.parametrize(
    "path, method, status", [("/nowhere", "GET", 404), ("/logout", "GET", 405), ("/login", "DELETE", 405)]
)
def test_addresses_that_are_none_are_explained(browser: ShopClient, path: str, method: str, status: int):
    page = browser.open(path, method=method)
    assert page.status_code == status
    assert "nothing at this address" in read_text(page)
    if status == 405:
        assert page.headers["Allow"]


def test_an_upload_that_is_too_large_is_told_how_large_it_may_be(browser: ShopClient):
    page = browser.post("/trouble/fine", data=b"x" * 12 * 1024 * 1024, content_type="multipart/form-data")
    assert page.status_code == 413
    assert "at most 10 MB" in read_text(page)


def test_a_form_of_an_old_session_is_offered_again_with_everything_typed(browser: ShopClient):
    typed = {"csrf_token": "old", "name": "Grace <Hill>", "body": "line 1\nline 2"}
    page = browser.post("/trouble/fine", data=typed, csrf=False, headers={"Origin": "http://localhost"})
    assert page.status_code == 400
    again = browser.submit(page, "#send-again-form")
    assert again.status_code == 200
    assert again.get_data(as_text=True) == "fine"
    fields = {field["name"]: field["value"] for field in read_html(page).select("#send-again-form input")}
    assert fields["name"] == "Grace <Hill>"
    assert fields["csrf_token"] != "old"


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"}],
)
def test_what_came_from_another_site_is_never_offered_to_be_sent_again(
    browser: ShopClient, headers: dict[str, str]
):
    page = browser.post("/trouble/fine", data={"name": "Eve"}, csrf=False, headers=headers)
    assert page.status_code == 400
    assert read_html(page).select_one("#send-again-form") is None
    assert "Eve" not in page.get_data(as_text=True)


def test_a_password_is_never_written_into_a_page_to_be_sent_again(browser: ShopClient):
    typed = {"email": "ada@example.com", "password": "a brass lantern"}
    page = browser.post("/login", data=typed, csrf=False, headers={"Origin": "http://localhost"})
    assert page.status_code == 400
    assert "a brass lantern" not in page.get_data(as_text=True)
    assert read_html(page).select_one("#send-again-form") is None


def test_somebody_signed_in_may_be_told_no_without_being_signed_out(browser: ShopClient):
    sign_in(browser, make_buyer())
    assert browser.get("/trouble/not-allowed").status_code == 403
    assert browser.get("/account").status_code == 200


def test_a_page_for_some_roles_is_open_to_them_alone(browser: ShopClient):
    assert browser.get("/refund-desk").location == "/login?next=/refund-desk"
    for person, status in (
        (make_buyer(), 403),
        (make_staff(Role.SUPPORT), 403),
        (make_staff(Role.FINANCE), 200),
    ):
        sign_in(browser, person)
        assert browser.get("/refund-desk").status_code == status


def test_an_error_page_keeps_the_security_headers(browser: ShopClient, troubled: Flask):
    for kind in ("bug", "away", "not-found"):
        headers = browser.get(f"/trouble/{kind}").headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Request-ID"]
