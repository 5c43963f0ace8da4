"""A shop to measure: 10,000 products, buyers with own prices, straight into the tables."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import insert

from app.accounts.models import User
from app.accounts.passwords import hash_password
from app.accounts.permissions import Role
from app.businesses.models import Address, Business, CustomerGroup
from app.businesses.status import BusinessKind, BusinessStatus
from app.catalog.models import Category, Product, Sku
from app.catalog.search_rows import rebuild_search
from app.extensions import db
from app.inventory.models import Stock
from app.pricing.models import PriceBreak, PriceList, TaxRate
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import ShippingKind, ShippingMethod, ShopFacts, TextPage

PASSWORD = "measured twice, cut once"
CATEGORIES = 40
_WORDS = (
    "amber",
    "birch",
    "cedar",
    "dune",
    "ember",
    "fern",
    "grove",
    "harbor",
    "indigo",
    "juniper",
    "kelp",
    "linen",
)
_BATCH = 2000


def fill(products: int, buyers: int) -> None:
    """Write the shop; sku n costs n modulo 5,000 cents plus a dollar, a fifth less from 48 units up."""
    now = clock.now()
    with transaction():
        for row in _shop():
            db.session.add(row)
            db.session.flush()
    for rows in _batches(_products(products, now)):
        with transaction():
            for model, values in rows:
                db.session.execute(insert(model), values)
    rebuild_search()  # what goes straight into the tables is not seen by what keeps it in step
    with transaction():
        _add_buyers(buyers, now)


def _shop() -> list[Any]:
    return [
        ShopFacts(
            id=1, name="Measured Goods", email="shop@example.com", staff_email="staff@example.com", state="ME"
        ),
        PriceList(id=1, name="Shops"),
        CustomerGroup(id=1, name="Shops", price_list_id=1, is_default=True),
        TaxRate(state="ME", name="Maine", rate="0.055", is_shipping_taxable=True),
        ShippingMethod(id=1, code="ground", name="Ground", kind=ShippingKind.FLAT, price_cents=Money(1864)),
        TextPage(slug="terms", title="Terms of sale", body="Be kind."),
        *(Category(id=n + 1, name=f"Category {n + 1}", slug=f"category-{n + 1}") for n in range(CATEGORIES)),
    ]


def _products(count: int, now: datetime) -> Iterator[tuple[Any, dict[str, Any]]]:
    for n in range(1, count + 1):
        name = f"{_WORDS[n % 12]} {_WORDS[n // 12 % 12]} {n}".title()
        price = Money(100 + n % 5000)
        facts = {
            "category_id": n % CATEGORIES + 1,
            "name": name,
            "slug": f"product-{n}",
            "summary": f"{name}, by the case",
        }
        yield Product, {"id": n, **facts, "position": n, "created_at": now, "updated_at": now}
        yield (
            Sku,
            {
                "id": n,
                "product_id": n,
                "code": f"BN-{n:06d}",
                "price_cents": price,
                "case_pack": 12,
                "minimum_quantity": 12,
            },
        )
        yield Stock, {"sku_id": n, "available": 1_000_000, "received": 1_000_000}
        yield (
            PriceBreak,
            {
                "price_list_id": 1,
                "sku_id": n,
                "minimum_quantity": 48,
                "unit_price_cents": Money(price.cents * 4 // 5),
            },
        )


def _batches(rows: Iterator[tuple[Any, dict[str, Any]]]) -> Iterator[list[tuple[Any, list[dict[str, Any]]]]]:
    batch: dict[Any, list[dict[str, Any]]] = {}
    held = 0
    for model, values in rows:
        batch.setdefault(model, []).append(values)
        held += 1
        if held == _BATCH:
            yield list(batch.items())
            batch, held = {}, 0
    if batch:
        yield list(batch.items())


def _add_buyers(count: int, now: datetime) -> None:
    password_hash = hash_password(PASSWORD)
    for n in range(1, count + 1):
        business = Business(
            status=BusinessStatus.APPROVED,
            legal_name=f"Buyer {n} LLC",
            trade_name=f"Buyer {n}",
            kind=BusinessKind.RETAIL_STORE,
            group_id=1,
            created_at=now,
            updated_at=now,
        )
        db.session.add(business)
        db.session.flush()
        where = {"line1": f"{n} Main St", "city": "Camden", "state": "ME", "postal_code": "04843"}
        db.session.add(
            Address(business_id=business.id, recipient=f"Buyer {n}", created_at=now, is_main=True, **where)
        )
        db.session.add(
            User(
                email=f"buyer{n}@example.com",
                name=f"Buyer {n}",
                password_hash=password_hash,
                role=Role.BUSINESS_OWNER,
                business_id=business.id,
                email_verified_at=now,
                created_at=now,
            )
        )
