"""What people can write about."""

from __future__ import annotations

from app.shared.status import LabelEnum


class Topic(LabelEnum):
    ACCOUNT = "account", "My account or application"
    PRODUCT = "product", "A product or its stock"
    ORDER = "order", "An order I placed"
    PAYMENT = "payment", "A payment or an invoice"
    RETURN = "return", "Damaged or missing goods"
    OTHER = "other", "Something else"
