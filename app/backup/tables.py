"""Every table of the shop: whoever adds one names its module here, and a test says so if it is forgotten.

Commands and start files import different parts of the shop; a backup must not depend on which.
"""

from __future__ import annotations

import sqlalchemy as sa

import app.accounts.models
import app.businesses.models
import app.carts.models
import app.catalog.models
import app.catalog.search_table
import app.contact.models
import app.inventory.models
import app.mail.models
import app.orders.models
import app.outbox.heartbeat
import app.outbox.models
import app.payments.models
import app.pricing.models
import app.rate_counts
import app.second_factor.models
import app.shared.circuits
import app.shared.history
import app.shared.stamps
import app.shop.models  # noqa: F401
from app.extensions import db


def all_tables() -> list[sa.Table]:
    """The tables, in the order of their names."""
    return [table for _, table in sorted(db.metadata.tables.items())]
