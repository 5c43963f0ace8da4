"""The one list of blueprints with their prefixes, alphabetical."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter

from app.accounts.routes import blueprint as accounts
from app.businesses.routes import blueprint as businesses
from app.carts.routes import blueprint as carts
from app.catalog.routes import blueprint as catalog
from app.checkout.routes import blueprint as checkout
from app.contact.routes import blueprint as contact
from app.metrics.routes import blueprint as metrics
from app.orders.routes import blueprint as orders
from app.pages.routes import blueprint as pages
from app.pay.routes import blueprint as pay
from app.payments.routes import blueprint as webhooks
from app.registration.routes import blueprint as registration
from app.second_factor.routes import blueprint as second_factor

BLUEPRINTS = [
    (accounts, ""),
    (businesses, "/account"),
    (carts, "/cart"),
    (catalog, ""),
    (checkout, "/checkout"),
    (contact, "/contact"),
    (metrics, ""),
    (orders, "/orders"),
    (pages, ""),
    (pay, "/pay"),
    (registration, ""),
    (second_factor, ""),
    (webhooks, "/webhooks"),
]


class IdConverter(IntegerConverter):
    """`<int:…>` in an address is an id: a number no column can hold names nothing, so it is simply not found."""

    regex = r"\d{1,18}"


def init_blueprints(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter
    for blueprint, prefix in BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=prefix or None)
