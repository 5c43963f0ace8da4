"""What every address answers to everybody: the one table to add a line to when the shop gets a new page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from app.accounts.permissions import Role
from tests.walking.people import BUYERS, EVERYBODY, STAFF

SIGN_IN, VERIFY = "to /login", "to /register/check-mail"
APPLY, STATUS = "to /account/business/application", "to /account/business"
REFUSED, ABSENT, WRONG, FINE = "403", "404", "422", "200"

STRANGERS = ("guest", "deactivated")
UNVERIFIED = ("unverified", "unverified of an approved business")
Answers = Mapping[str, str]


def everyone(answer: str, **others: str) -> Answers:
    """The same for all; `others` by kind of person, "a_b" standing for "a b", or "strangers", "unverified", "staff"."""
    found = dict.fromkeys(EVERYBODY, answer)
    groups = {
        "strangers": STRANGERS,
        "unverified": UNVERIFIED,
        "staff": tuple(STAFF),
        "buyers": tuple(BUYERS),
    }
    for name, other in others.items():
        found |= dict.fromkeys(
            groups.get(name, (name.replace("_", " ") if name not in EVERYBODY else name,)), other
        )
    return found


def signed_in(answer: str, **others: str) -> Answers:
    return everyone(answer, **{"strangers": SIGN_IN} | others)


def verified(answer: str, **others: str) -> Answers:
    """People with a confirmed address who buy, or want to."""
    return signed_in(answer, **{"unverified": VERIFY, "staff": REFUSED} | others)


def of_business(own: str, others: str = ABSENT, **more: str) -> Answers:
    """`own` to the business the page belongs to, `others` to every other business, whatever its status."""
    return verified(others, **{"without_a_business": APPLY, "approved": own} | more)


def buyer(own: str, other: str) -> Answers:
    """`own` to the approved business with a full cart, `other` to one with none; the rest go to their next step."""
    steps = {
        "draft": APPLY,
        "needs_information": APPLY,
        "submitted": STATUS,
        "rejected": STATUS,
        "suspended": STATUS,
    }
    return of_business(own, **steps, of_another_business=other)


OPEN, TYPED_NOTHING = everyone(FINE), everyone(WRONG)
APPLICANT = {"submitted": STATUS, "suspended": STATUS, "buyers": STATUS}

# Sent as they are, without a field filled in; the ids belong to the approved business.
SHOP: dict[str, Answers] = {
    "GET /": OPEN,
    "GET /.well-known/security.txt": OPEN,
    "GET /account": signed_in(FINE),
    "GET /account/addresses": of_business(FINE, FINE, draft=APPLY),
    "POST /account/addresses": of_business(WRONG, WRONG, draft=APPLY),
    "GET /account/addresses/<address_id>": of_business(FINE),
    "POST /account/addresses/<address_id>": of_business("to /account/addresses"),
    "POST /account/addresses/<address_id>/archive": of_business(WRONG),  # the main one stays
    "POST /account/addresses/<address_id>/default": of_business("to /account/addresses"),
    "GET /account/business": verified(FINE),
    "GET /account/business/application": verified(FINE, **APPLICANT),
    # Nothing typed is nothing saved: who was asked for a field goes on to the next screen.
    "POST /account/business/application": verified(WRONG, **APPLICANT | {"needs_information": APPLY}),
    "GET /account/business/certificates": of_business(FINE, FINE),
    "POST /account/business/certificates": of_business(WRONG, WRONG),
    "GET /account/business/document/<upload_id>": signed_in(
        ABSENT, approved=FINE, **{"unverified of an approved business": FINE}, staff=FINE, catalogue=ABSENT
    ),
    "GET /account/security": signed_in(FINE),
    "POST /account/security": signed_in(WRONG),
    "POST /account/security/sessions/<session_id>/end": signed_in(ABSENT, approved="to /account/security"),
    "GET /account/second-factor": signed_in(FINE),
    "POST /account/second-factor/begin": signed_in(WRONG),
    "POST /account/second-factor/codes": signed_in(WRONG),
    "POST /account/second-factor/confirm": signed_in(WRONG),
    "POST /account/second-factor/off": signed_in(WRONG),
    "POST /account/security/sign-out-everywhere": everyone(SIGN_IN),
    "GET /cart": OPEN,
    "POST /cart/items": TYPED_NOTHING,
    "POST /cart/items/<line_id>": TYPED_NOTHING,
    "POST /cart/items/<line_id>/remove": everyone(ABSENT, approved="to /cart"),
    "POST /cart/items/restore": everyone(ABSENT),
    "POST /cart/prices": everyone("to /cart"),
    "GET /catalog": OPEN,
    "GET /catalog/<category>": OPEN,
    "GET /checkout/": buyer(FINE, "to /cart"),
    "POST /checkout/": buyer(WRONG, "to /cart"),
    "GET /checkout/done/<number>": buyer(FINE, ABSENT),
    "GET /checkout/kept/<number>": buyer("to /checkout/done/<number>", ABSENT),
    "POST /checkout/place": buyer(WRONG, "to /cart"),
    "GET /checkout/review": buyer(FINE, "to /cart"),
    "GET /contact": OPEN,
    "POST /contact": TYPED_NOTHING,
    "GET /contact/thanks": OPEN,
    "GET /favicon.ico": OPEN,
    "GET /healthz": OPEN,
    "GET /login": everyone("to /", strangers=FINE),
    "POST /login": everyone("to /", strangers=WRONG),
    # Whose password was not right a moment ago has no code to give.
    "GET /login/code": everyone("to /", strangers="to /login"),
    "POST /login/code": everyone("to /", strangers="to /login"),
    "POST /logout": everyone("to /"),
    "GET /media/<name>": everyone(ABSENT),
    "GET /metrics": everyone(ABSENT),  # until a token or an address is set
    "GET /orders/": of_business(FINE, FINE),
    "GET /orders/invoices": of_business(FINE, FINE),
    "GET /orders/<number>": of_business(FINE),
    "POST /orders/<number>/cancel": of_business("to /orders/<number>"),
    "GET /orders/<number>/print": of_business(FINE),
    "GET /pages/<slug>": OPEN,
    "GET /password/forgot": OPEN,
    "POST /password/forgot": TYPED_NOTHING,
    "GET /password/reset/<token>": OPEN,
    "POST /password/reset/<token>": TYPED_NOTHING,
    # Who has the link sees the order, whoever they are: that is what it is for. The order is being paid already.
    "GET /pay/<token>": OPEN,
    "POST /pay/<token>": everyone("to /pay/<token>"),
    "GET /products/<slug>": OPEN,
    "GET /readyz": OPEN,
    "GET /register": everyone(STATUS, strangers=FINE),
    "POST /register": everyone(STATUS, strangers=WRONG),
    "GET /register/check-mail": everyone(STATUS, strangers="to /register", unverified=FINE),
    "POST /register/correct": everyone(SIGN_IN, unverified=WRONG),
    "POST /register/resend": everyone(SIGN_IN, unverified=WRONG),  # too soon after the first mail
    "GET /robots.txt": OPEN,
    "GET /search": OPEN,
    "GET /static/<filename>": OPEN,
    "GET /verify/<token>": OPEN,
    "POST /verify/<token>": everyone(SIGN_IN, approved=APPLY),
    "POST /webhooks/square": everyone("401"),  # nobody but the payment provider can sign what it sends
}

# --- The back office: who may. Written out by role, so that a change of a role's rights shows here. ------------------

R = Role
OWNER = frozenset({R.SHOP_OWNER})
ALL_STAFF = frozenset({R.SUPPORT, R.FULFILMENT, R.CATALOGUE, R.FINANCE}) | OWNER
DESK = ALL_STAFF - {R.CATALOGUE}
SUPPORT = OWNER | {R.SUPPORT}
PACKING = OWNER | {R.FULFILMENT}
MONEY = OWNER | {R.FINANCE}
SEES_MONEY = MONEY | {R.SUPPORT}
TAKES_MONEY = MONEY | PACKING
GOODS = OWNER | {R.CATALOGUE}
STOCK = GOODS | {R.FULFILMENT}
PRICES = GOODS | {R.FINANCE}
NOBODY: frozenset[Role] = frozenset()

# A table's view → who reads it, who changes its rows (NOBODY: such forms do not exist).
TABLES = {
    "businesses_desk": (DESK, NOBODY),
    "categories": (GOODS, GOODS),
    "certificates": (DESK, NOBODY),
    "groups": (DESK, MONEY),
    "history": (OWNER, NOBODY),
    "mails": (SEES_MONEY, NOBODY),
    "orders_desk": (DESK, NOBODY),
    "outbox": (SEES_MONEY, NOBODY),
    "payments": (SEES_MONEY, NOBODY),
    "price_breaks": (PRICES, PRICES),
    "price_lists": (PRICES, PRICES),
    "products": (GOODS, GOODS),
    "reconciliation": (SEES_MONEY, NOBODY),
    "shipping": (PRICES, PRICES),
    "shop_facts": (OWNER, OWNER),
    "stock": (STOCK, NOBODY),
    "tax_rates": (PRICES, PRICES),
    "text_pages": (OWNER, OWNER),
    "users": (DESK, NOBODY),
}
READING = ("index_view", "details_view", "export", "action_view", "ajax_lookup")
CHANGING = ("create_view", "edit_view", "delete_view", "ajax_update")
STEPS = {
    "admin.index": ALL_STAFF,
    "approvals.approve": SUPPORT,
    "approvals.ask": SUPPORT,
    "approvals.index": DESK,
    "approvals.reject": SUPPORT,
    "approvals.show": DESK,
    "approvals.show_ein": SUPPORT,
    "businesses_desk.give_group": SUPPORT,
    "businesses_desk.reactivate": OWNER,
    "businesses_desk.reject_paper": SUPPORT,
    "businesses_desk.set_limit": MONEY,
    "businesses_desk.show_ein": SUPPORT,
    "businesses_desk.suspend": OWNER,
    "businesses_desk.verify_paper": SUPPORT,
    "check.index": OWNER,
    "check.outside": OWNER,
    "desk_search.index": ALL_STAFF,
    "mails.preview": SEES_MONEY,
    "mails.resend": MONEY,
    "messages.answer": SUPPORT,
    "messages.assign": SUPPORT,
    "messages.close": SUPPORT,
    "messages.index": SUPPORT,
    "messages.read": SUPPORT,
    "orders_desk.cancel": DESK,
    "orders_desk.close_refund": MONEY,
    "orders_desk.receive": TAKES_MONEY,
    "orders_desk.send_invoice": TAKES_MONEY,
    "orders_desk.withdraw": TAKES_MONEY,
    "orders_desk.delivered": PACKING,
    "orders_desk.put_on_shelf": PACKING,
    "orders_desk.refund": MONEY,
    "orders_desk.refund_again": MONEY,
    "orders_desk.refund_by_hand": MONEY,
    "orders_desk.returned": PACKING,
    "orders_desk.send_pay_link": SEES_MONEY,
    "orders_desk.ship": PACKING,
    "orders_desk.shorten": PACKING,
    "orders_desk.start": PACKING,
    "outbox.retry": MONEY,
    "outbox.retry_all": MONEY,
    "payments.ask": MONEY,
    "payments.capture": MONEY,
    "products.add_picture": GOODS,
    "products.put_picture_first": GOODS,
    "products.remove_picture": GOODS,
    "receivables.export": SEES_MONEY,
    "receivables.index": SEES_MONEY,
    "reconciliation.compare": MONEY,
    "reconciliation.note": MONEY,
    "reconciliation.repair": MONEY,
    "services.index": SEES_MONEY,
    "stock.correct": STOCK,
    "stock.put_back": STOCK,
    "stock.words": STOCK,
    "users.deactivate": SUPPORT,
    "users.give_role": OWNER,
    "users.reactivate": SUPPORT,
    "users.turn_off_factor": OWNER,
}
# Flask-Admin's own files, which no page of ours names.
PUBLIC_FILES = {"admin.static"}


def desk_endpoints() -> Iterator[tuple[str, frozenset[Role]]]:
    """Every address of the back office with the roles it lets in."""
    yield from STEPS.items()
    for view, (readers, changers) in TABLES.items():
        yield from ((f"{view}.{name}", readers) for name in READING)
        # Without such forms the address tells whoever may read the table that there are none.
        yield from ((f"{view}.{name}", changers or readers) for name in CHANGING)


def has_forms(endpoint: str) -> bool:
    """False for the forms of a table whose rows are changed by use cases alone."""
    view, _, name = endpoint.partition(".")
    return not (name in CHANGING and view in TABLES and not TABLES[view][1])
