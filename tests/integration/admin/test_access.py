"""Who may open which view of the back office and press which button: every address, every role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.accounts.permissions import ROLE_PERMISSIONS, Permission, Role
from tests.client import read_text
from tests.factories import make_buyer, make_staff, make_user

# Every address is opened on both databases by test_every_answer.py, as the owner, who enters them all.
pytestmark = pytest.mark.either_database

P = Permission

# endpoint's view → (to see it, to change its rows). None = its forms do not exist.
TABLES = {
    "orders_desk": (P.ORDERS_VIEW, None),
    "payments": (P.PAYMENTS_VIEW, None),
    "reconciliation": (P.PAYMENTS_VIEW, None),
    "certificates": (P.BUSINESSES_VIEW, None),
    "groups": (P.BUSINESSES_VIEW, P.PRICING_EDIT),
    "users": (P.USERS_VIEW, None),
    "products": (P.CATALOG_EDIT, P.CATALOG_EDIT),
    "categories": (P.CATALOG_EDIT, P.CATALOG_EDIT),
    "stock": (P.INVENTORY_EDIT, None),
    "price_lists": (P.PRICING_EDIT, P.PRICING_EDIT),
    "price_breaks": (P.PRICING_EDIT, P.PRICING_EDIT),
    "shop_facts": (P.SHOP_SETTINGS, P.SHOP_SETTINGS),
    "shipping": (P.PRICING_EDIT, P.PRICING_EDIT),
    "tax_rates": (P.PRICING_EDIT, P.PRICING_EDIT),
    "text_pages": (P.SHOP_SETTINGS, P.SHOP_SETTINGS),
    "mails": (P.OUTBOX_VIEW, None),
    "outbox": (P.OUTBOX_VIEW, None),
    "history": (P.SHOP_SETTINGS, None),
}
PAGES = {
    "admin.index": P.STAFF_HOME,
    "check.index": P.SHOP_SETTINGS,
    "check.outside": P.SHOP_SETTINGS,
    "desk_search.index": P.STAFF_HOME,
    "orders_desk.start": P.ORDERS_FULFIL,
    "orders_desk.ship": P.ORDERS_FULFIL,
    "orders_desk.delivered": P.ORDERS_FULFIL,
    "orders_desk.returned": P.ORDERS_FULFIL,
    "orders_desk.cancel": P.ORDERS_CANCEL,
    "orders_desk.send_pay_link": P.ORDERS_PAY_LINK,
    "orders_desk.refund": P.ORDERS_REFUND,
    "orders_desk.refund_again": P.ORDERS_REFUND,
    "orders_desk.refund_by_hand": P.ORDERS_REFUND,
    "orders_desk.close_refund": P.ORDERS_REFUND,
    "orders_desk.shorten": P.ORDERS_FULFIL,
    "orders_desk.put_on_shelf": P.INVENTORY_EDIT,
    "orders_desk.receive": P.PAYMENTS_RECORD,
    "orders_desk.send_invoice": P.PAYMENTS_RECORD,
    "orders_desk.withdraw": P.PAYMENTS_RECORD,
    "receivables.index": P.PAYMENTS_VIEW,
    "receivables.export": P.PAYMENTS_VIEW,
    "payments.capture": P.PAYMENTS_CAPTURE,
    "payments.ask": P.PAYMENTS_CAPTURE,
    "reconciliation.compare": P.PAYMENTS_CAPTURE,
    "reconciliation.note": P.PAYMENTS_CAPTURE,
    "reconciliation.repair": P.PAYMENTS_CAPTURE,
    "mails.preview": P.OUTBOX_VIEW,
    "mails.resend": P.OUTBOX_RETRY,
    "outbox.retry": P.OUTBOX_RETRY,
    "outbox.retry_all": P.OUTBOX_RETRY,
    "services.index": P.OUTBOX_VIEW,
    "stock.correct": P.INVENTORY_EDIT,
    "stock.put_back": P.INVENTORY_EDIT,
    "stock.words": P.INVENTORY_EDIT,
    "users.deactivate": P.USERS_DEACTIVATE,
    "users.reactivate": P.USERS_DEACTIVATE,
    "users.give_role": P.USERS_MANAGE_STAFF,
    "users.turn_off_factor": P.USERS_MANAGE_STAFF,
    "products.add_picture": P.CATALOG_EDIT,
    "products.put_picture_first": P.CATALOG_EDIT,
    "products.remove_picture": P.CATALOG_EDIT,
}
# Areas with tests of their own beside their feature.
ELSEWHERE = {"messages", "approvals", "businesses_desk"}
_SEES = ("index_view", "details_view", "export", "action_view", "ajax_lookup")
_CHANGES = ("create_view", "edit_view", "delete_view", "ajax_update")


def expected_permissions() -> dict[str, Permission]:
    table = dict(PAGES)
    for name, (see, change) in TABLES.items():
        table |= {f"{name}.{view}": see for view in _SEES}
        table |= {f"{name}.{view}": change or see for view in _CHANGES}
    return table


def admin_rules(app) -> Iterator[tuple[str, str, str]]:
    for rule in app.url_map.iter_rules():
        view, _, name = rule.endpoint.rpartition(".")
        if rule.rule.startswith("/admin") and name != "static" and view not in ELSEWHERE:
            address = rule.rule.replace("<export_type>", "csv")
            yield rule.endpoint, address, "GET" if "GET" in rule.methods else "POST"


def test_no_address_of_the_back_office_is_missing_from_the_table(app):
    found = {endpoint for endpoint, _address, _method in admin_rules(app)}
    assert found == set(expected_permissions())


@pytest.mark.parametrize("role", [role for role in Role if Permission.STAFF_HOME in ROLE_PERMISSIONS[role]])
def test_each_staff_role_enters_exactly_what_it_has_the_right_to(app, browser_of, role):
    browser = browser_of(make_staff(role))
    held = ROLE_PERMISSIONS[role]
    wrong = []
    for endpoint, address, method in admin_rules(app):
        permissions = {expected_permissions()[endpoint], _view_permission(endpoint)}
        status = browser.open(address, method=method).status_code
        if (status == 403) is (permissions <= held):
            wrong.append(f"{role.value} {method} {address}: {status}")
    assert not wrong, "\n".join(wrong)


def _view_permission(endpoint: str) -> Permission:
    name = endpoint.partition(".")[0]
    return TABLES[name][0] if name in TABLES else Permission.STAFF_HOME


@pytest.mark.parametrize("role", [Role.BUYER, Role.BUSINESS_OWNER])
def test_buyers_are_refused_everywhere(app, browser_of, role):
    browser = browser_of(make_user(role))
    answers = {
        address: browser.open(address, method=method).status_code for _, address, method in admin_rules(app)
    }
    assert set(answers.values()) == {403}, answers


def test_strangers_are_sent_to_sign_in_and_come_back(app, client):
    for _endpoint, address, method in admin_rules(app):
        answer = client.open(address, method=method)
        assert answer.status_code == 303, address
        assert answer.location.startswith("/login"), address
    assert client.get("/admin/orders/?show=to_ship").location == "/login?next=/admin/orders/?show%3Dto_ship"


def test_a_refused_buyer_reads_why(browser_of):
    answer = browser_of(make_buyer()).get("/admin/")
    assert answer.status_code == 403
    assert "This page is not open to you" in read_text(answer)


def test_the_rail_shows_only_what_a_role_may_open(desk_of):
    words = read_text(desk_of(Role.CATALOGUE).get("/admin/"))
    assert "Products" in words
    assert "Payments" not in words
    assert "People" not in words
