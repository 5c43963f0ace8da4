"""add promises and part refunds

Revision ID: add_promises
Revises: add_webhooks
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.shared.columns import BigId, Cents, UtcDateTime

revision = "add_promises"
down_revision = "add_webhooks"
branch_labels = None
depends_on = None

_NEW_COLUMNS = {
    "orders": ("payment_method", "terms_days", "invoice_number", "invoiced_at", "due_on"),
    "payments": ("authorized_cents", "received_on", "receipt_reference"),
    "refunds": ("kind", "tax_cents", "shipping_cents"),
    "shop_facts": ("hold_rule", "allows_pay_on_pickup"),
    "customer_groups": ("credit_limit_cents",),
    "businesses": ("credit_limit_cents",),
}


def _lines_now(*check: sa.CheckConstraint) -> sa.Table:
    """The lines as the first migration made them: SQLite rebuilds the table and cannot read back its checks."""
    return sa.Table(
        "order_lines",
        sa.MetaData(),
        sa.Column("id", BigId, nullable=False),
        sa.Column("order_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sku_id", BigId, nullable=False),
        sa.Column("sku_code", sa.String(length=40), nullable=False),
        sa.Column("product_name", sa.String(length=120), nullable=False),
        sa.Column("options_label", sa.String(length=160), nullable=False),
        sa.Column("case_pack", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_cents", Cents(), nullable=False),
        sa.Column("line_total_cents", Cents(), nullable=False),
        sa.Column("tax_rate", sa.Numeric(precision=7, scale=5), nullable=False),
        sa.Column("tax_cents", Cents(), nullable=False),
        *check,
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.ForeignKeyConstraint(["sku_id"], ["skus.id"], name=op.f("fk_order_lines_sku_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.Index("ix_order_lines_order_id", "order_id"),
        sa.Index("ix_order_lines_sku_id", "sku_id"),
    )


def upgrade() -> None:
    _extend_lines()
    op.add_column(
        "orders", sa.Column("payment_method", sa.String(32), nullable=False, server_default="square")
    )
    op.add_column("orders", sa.Column("terms_days", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("orders", sa.Column("invoice_number", sa.String(20), nullable=True))
    op.add_column("orders", sa.Column("invoiced_at", UtcDateTime(), nullable=True))
    op.add_column("orders", sa.Column("due_on", sa.Date(), nullable=True))
    op.create_index(op.f("ix_orders_invoice_number"), "orders", ["invoice_number"], unique=True)
    op.create_index(op.f("ix_orders_due_on"), "orders", ["due_on"])
    op.add_column("payments", sa.Column("authorized_cents", Cents(), nullable=True))
    op.add_column("payments", sa.Column("received_on", sa.Date(), nullable=True))
    op.add_column(
        "payments", sa.Column("receipt_reference", sa.String(60), nullable=False, server_default="")
    )
    op.add_column("refunds", sa.Column("kind", sa.String(32), nullable=False, server_default="whole"))
    op.add_column("refunds", sa.Column("tax_cents", Cents(), nullable=False, server_default="0"))
    op.add_column("refunds", sa.Column("shipping_cents", Cents(), nullable=False, server_default="0"))
    op.add_column(
        "shop_facts", sa.Column("hold_rule", sa.String(32), nullable=False, server_default="capture")
    )
    op.add_column(
        "shop_facts",
        sa.Column("allows_pay_on_pickup", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("customer_groups", sa.Column("credit_limit_cents", Cents(), nullable=True))
    op.add_column("businesses", sa.Column("credit_limit_cents", Cents(), nullable=True))
    _add_refund_lines()


def _extend_lines() -> None:
    """Every line so far stands as it was ordered; the check can follow only then."""
    old = sa.CheckConstraint("quantity >= 1", name=op.f("ck_order_lines_quantity_positive"))
    op.add_column(
        "order_lines", sa.Column("ordered_quantity", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("order_lines", sa.Column("short_reason", sa.String(200), nullable=False, server_default=""))
    op.execute("UPDATE order_lines SET ordered_quantity = quantity")
    table = _lines_now(old)
    table.append_column(sa.Column("ordered_quantity", sa.Integer(), nullable=False))
    table.append_column(sa.Column("short_reason", sa.String(200), nullable=False))
    with op.batch_alter_table("order_lines", copy_from=table) as lines:
        lines.drop_constraint(op.f("ck_order_lines_quantity_positive"), type_="check")
        lines.create_check_constraint(
            op.f("ck_order_lines_quantity_in_range"), "quantity >= 0 AND quantity <= ordered_quantity"
        )


def _add_refund_lines() -> None:
    op.create_table(
        "refund_lines",
        sa.Column("id", BigId, nullable=False),
        sa.Column("refund_id", BigId, nullable=False),
        sa.Column("order_line_id", BigId, nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("goods_cents", Cents(), nullable=False),
        sa.Column("tax_cents", Cents(), nullable=False),
        sa.Column("restocked_quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_refund_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_refund_lines_refund_id")),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["order_lines.id"], name=op.f("fk_refund_lines_order_line_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_lines")),
        sa.UniqueConstraint(
            "refund_id", "order_line_id", name=op.f("uq_refund_lines_refund_id_order_line_id")
        ),
    )
    op.create_index(op.f("ix_refund_lines_order_line_id"), "refund_lines", ["order_line_id"])


def downgrade() -> None:
    """Lines of which nothing stands any more cannot be told to the older shop: they stand again as ordered."""
    op.drop_table("refund_lines")
    op.drop_index(op.f("ix_orders_due_on"), "orders")
    op.drop_index(op.f("ix_orders_invoice_number"), "orders")
    for table, columns in _NEW_COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
    op.execute("UPDATE order_lines SET quantity = ordered_quantity WHERE quantity = 0")
    new = sa.CheckConstraint(
        "quantity >= 0 AND quantity <= ordered_quantity", name=op.f("ck_order_lines_quantity_in_range")
    )
    table = _lines_now(new)
    table.append_column(sa.Column("ordered_quantity", sa.Integer(), nullable=False))
    table.append_column(sa.Column("short_reason", sa.String(200), nullable=False))
    with op.batch_alter_table("order_lines", copy_from=table) as lines:
        lines.drop_constraint(op.f("ck_order_lines_quantity_in_range"), type_="check")
        lines.create_check_constraint(op.f("ck_order_lines_quantity_positive"), "quantity >= 1")
        lines.drop_column("short_reason")
        lines.drop_column("ordered_quantity")
