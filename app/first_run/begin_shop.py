"""What a shop needs on its first day, the catalogue excepted: its tables, its facts, a first customer group."""

from __future__ import annotations

from flask_migrate import upgrade
from sqlalchemy import text

from app.businesses.models import CustomerGroup
from app.extensions import db
from app.pricing.models import PriceList
from app.settings import ROOT
from app.shared.transaction import transaction
from app.shop.queries import find_shop
from app.shop.set_up import SetUpShop, set_up_shop

_MIGRATIONS = ROOT / "migrations"
_FIRST_GROUP = "Wholesale"


def make_tables() -> None:
    """Bring the database up to date. A MySQL one gets utf8mb4 first: tables take its character set over."""
    if db.engine.dialect.name == "mysql":
        with db.engine.connect() as connection:
            if connection.scalar(text("SELECT @@character_set_database")) != "utf8mb4":
                name = connection.dialect.identifier_preparer.quote(str(db.engine.url.database))
                connection.execute(text(f"ALTER DATABASE {name} CHARACTER SET utf8mb4"))
    upgrade(directory=str(_MIGRATIONS))


def fill_shop(command: SetUpShop) -> None:
    """Facts, a pickup, and a group every approved business may be put in; whatever is there already stays."""
    if find_shop() is None:
        set_up_shop(command)
    with transaction():
        if db.session.query(CustomerGroup).first() is None:
            price_list = PriceList(name=_FIRST_GROUP)
            db.session.add(price_list)
            db.session.flush()
            db.session.add(CustomerGroup(name=_FIRST_GROUP, price_list_id=price_list.id, is_default=True))
