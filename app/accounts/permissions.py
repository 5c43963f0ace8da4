"""Who may do what: one alphabetical list of permissions, and the roles that are sets of them."""

from __future__ import annotations

from app.shared.status import LabelEnum


class Permission(LabelEnum):
    """Named `area.action`; checked on the server for every staff action."""

    BUSINESSES_REVIEW = "businesses.review", "Approve, reject and ask applicants"
    BUSINESSES_SUSPEND = "businesses.suspend", "Suspend and reactivate businesses"
    BUSINESSES_VIEW = "businesses.view", "See businesses and their papers"
    CATALOG_EDIT = "catalog.edit", "Edit categories, products, skus and pictures"
    CONTACT_ANSWER = "contact.answer", "Read and answer messages"
    INVENTORY_EDIT = "inventory.edit", "Correct stock"
    ORDERS_CANCEL = "orders.cancel", "Cancel orders"
    ORDERS_FULFIL = "orders.fulfil", "Process, ship and deliver orders"
    ORDERS_PAY_LINK = "orders.pay_link", "Send links to pay an order"
    ORDERS_REFUND = "orders.refund", "Refund payments"
    ORDERS_VIEW = "orders.view", "See orders"
    OUTBOX_RETRY = "outbox.retry", "Retry failed jobs"
    OUTBOX_VIEW = "outbox.view", "See background jobs"
    PAYMENTS_CAPTURE = "payments.capture", "Capture and void payments"
    PAYMENTS_RECORD = "payments.record", "Record checks, transfers and cash"
    PAYMENTS_VIEW = "payments.view", "See payments"
    PRICING_EDIT = "pricing.edit", "Edit prices, minimums, taxes and shipping"
    SHOP_SETTINGS = "shop.settings", "Change shop settings and pages"
    STAFF_HOME = "staff.home", "Enter the back office"
    USERS_DEACTIVATE = "users.deactivate", "Deactivate and reactivate users"
    USERS_MANAGE_STAFF = "users.manage_staff", "Give and take staff roles"
    USERS_VIEW = "users.view", "See users"


class Role(LabelEnum):
    BUYER = "buyer", "Buyer"
    BUSINESS_OWNER = "business_owner", "Business owner"
    SUPPORT = "support", "Support"
    FULFILMENT = "fulfilment", "Fulfilment"
    CATALOGUE = "catalogue", "Catalog"
    FINANCE = "finance", "Finance"
    SHOP_OWNER = "shop_owner", "Shop owner"


_P = Permission
_DESK = frozenset({_P.STAFF_HOME, _P.ORDERS_VIEW, _P.BUSINESSES_VIEW, _P.USERS_VIEW})

ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.BUYER: frozenset(),
    Role.BUSINESS_OWNER: frozenset(),
    Role.SUPPORT: _DESK
    | {
        _P.BUSINESSES_REVIEW,
        _P.CONTACT_ANSWER,
        _P.ORDERS_CANCEL,
        _P.ORDERS_PAY_LINK,
        _P.OUTBOX_VIEW,
        _P.PAYMENTS_VIEW,
        _P.USERS_DEACTIVATE,
    },
    Role.FULFILMENT: _DESK | {_P.INVENTORY_EDIT, _P.ORDERS_CANCEL, _P.ORDERS_FULFIL, _P.PAYMENTS_RECORD},
    Role.CATALOGUE: frozenset({_P.STAFF_HOME, _P.CATALOG_EDIT, _P.INVENTORY_EDIT, _P.PRICING_EDIT}),
    Role.FINANCE: _DESK
    | {
        _P.ORDERS_CANCEL,
        _P.ORDERS_PAY_LINK,
        _P.ORDERS_REFUND,
        _P.OUTBOX_RETRY,
        _P.OUTBOX_VIEW,
        _P.PAYMENTS_CAPTURE,
        _P.PAYMENTS_RECORD,
        _P.PAYMENTS_VIEW,
        _P.PRICING_EDIT,
    },
    Role.SHOP_OWNER: frozenset(Permission),
}

STAFF_ROLES = frozenset(role for role, held in ROLE_PERMISSIONS.items() if _P.STAFF_HOME in held)
