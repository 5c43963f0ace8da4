"""What tests of carts look at."""

from __future__ import annotations

import json

from app.carts.add_to_cart import MOST_LINES
from app.carts.models import Cart, CartLine
from app.catalog.models import Sku
from app.extensions import db
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from tests.factories import (
    make_cart,
    make_product,
)


def lines_of(user):
    query = db.select(CartLine.sku_id, CartLine.quantity).join(Cart).where(Cart.open_user_id == user.id)
    return {row.sku_id: row.quantity for row in db.session.execute(query.order_by(CartLine.id))}


def version_of(user):
    return db.session.scalar(db.select(Cart.version).where(Cart.open_user_id == user.id))


def announced(response):
    return json.loads(response.headers["HX-Trigger"])["announce"]


def line_id(user):
    query = db.select(CartLine.id).join(Cart).where(Cart.open_user_id == user.id)
    return db.session.scalars(query.order_by(CartLine.id)).first()


def fill_up(person):
    cart = make_cart(person)
    product = make_product()
    with transaction():
        skus = [
            Sku(product_id=product.id, code=f"S-{number}", price_cents=Money(100))
            for number in range(MOST_LINES)
        ]
        db.session.add_all(skus)
        db.session.flush()
        db.session.add_all(
            CartLine(cart_id=cart.id, sku_id=sku.id, quantity=1, added_at=clock.now()) for sku in skus
        )


def client_session(client):
    with client.session_transaction() as session:
        return dict(session)
