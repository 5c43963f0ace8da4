"""Every rule of the address map with real values in its gaps, so that no suite forgets a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

from flask import Flask, current_app
from werkzeug.routing import Rule

from app.accounts.models import TokenPurpose, User
from app.accounts.open_session import OpenSession, open_session
from app.accounts.queries import list_sessions_of
from app.accounts.tokens import add_token, sign_token
from app.carts.models import Cart, CartLine
from app.extensions import db
from app.payments.pay_links import make_pay_path
from app.shared import clock
from app.shared.transaction import transaction
from tests.walking.small_shop import SmallShop

# Files and pictures hold no page: one existing and one unknown name will do.
Values = dict[str, list[str]]
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True)
class Place:
    """One address of one rule, and the method it is asked with."""

    rule: str
    endpoint: str
    method: str
    address: str

    @property
    def is_desk(self) -> bool:
        return self.rule.startswith("/admin")

    @property
    def plain_rule(self) -> str:
        """`/account/addresses/<address_id>`: the rule without its converters."""
        return re.sub(r"<[^<>:]+:", "<", self.rule)

    def __str__(self) -> str:
        return f"{self.method} {self.plain_rule}"


def values_for(shop: SmallShop, user: User | None) -> Values:
    """What stands for each gap of a rule: by `endpoint.gap` where the same gap means different things, else by gap."""
    return {
        "category": [each.slug for each in shop.categories],
        "catalog.product.slug": [each.slug for each in shop.products],
        "pages.text_page.slug": [shop.text_page.slug],
        "number": [shop.order.number],
        "address_id": [str(shop.address.id)],
        "upload_id": [str(shop.upload.id)],
        "message_id": [str(shop.message.id)],
        "business_id": [str(shop.business.id)],
        "certificate_id": [str(shop.certificate.id)],
        "session_id": [str(_session_of(shop.buyer))],
        "line_id": [str(line_id) for line_id in _lines_of(user)] or ["1"],
        "registration.verify.token": [_signed(shop.buyer, TokenPurpose.VERIFY_EMAIL)],
        "accounts.reset.token": [_signed(shop.buyer, TokenPurpose.RESET_PASSWORD)],
        "token": [make_pay_path(shop.order.id).rpartition("/")[2]],
        "name": ["0" * 32 + "-160.webp"],
        "static.filename": ["icon.svg"],
        "filename": ["nothing.css"],
        "export_type": ["csv"],
    }


def list_places(app: Flask, values: Values) -> Iterator[Place]:
    """Each rule with each method and each of its values; a gap without values fails with its name."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for address in _addresses(rule, values):
                yield Place(rule.rule, rule.endpoint, method, address)


def _addresses(rule: Rule, values: Values) -> Iterator[str]:
    gaps = sorted(rule.arguments)
    choices = [values.get(f"{rule.endpoint}.{gap}") or values.get(gap) for gap in gaps]
    missing = [gap for gap, found in zip(gaps, choices, strict=True) if not found]
    assert not missing, f"tests/walking/places.py must say what stands for {missing} in {rule.rule}"
    for chosen in product(*[each for each in choices if each]):
        address = rule.rule
        for part, value in zip(gaps, chosen, strict=True):
            address = _put(address, part, value)
        yield address


def _put(address: str, gap: str, value: str) -> str:
    """`/orders/<number>/print` and `number` → `/orders/T-1/print`; converters like `<int:…>` go along."""
    return re.sub(rf"<(?:[^<>:]+:)?{gap}>", value, address)


def _lines_of(user: User | None) -> list[int]:
    if user is None:
        return []
    mine = db.select(CartLine.id).join(Cart).where(Cart.open_user_id == user.id)
    return list(db.session.scalars(mine))


def _session_of(user: User) -> int:
    """A sign-in of the buyer's on some other device."""
    now = clock.now()
    open_session(user, OpenSession("Safari on iPhone", "192.0.2.x", timedelta(days=30)), now=now)
    return list_sessions_of(user, now)[0].id


def _signed(user: User, purpose: TokenPurpose) -> str:
    with transaction():
        token = add_token(user, purpose, now=clock.now(), lifetime=timedelta(hours=1))
    return sign_token(token, current_app.extensions["settings"].secret_key)
