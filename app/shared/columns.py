"""Column types and mix-ins that mean the same on SQLite, MySQL and MariaDB."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, Dialect, Enum, Integer, TypeDecorator
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import mapped_column

from app.shared.money import Money
from app.shared.status import LabelEnum

# SQLite numbers rows by itself only in an INTEGER primary key.
BigId = BigInteger().with_variant(Integer(), "sqlite")
Id = Annotated[int, mapped_column(BigId, primary_key=True)]


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC in Python, DATETIME(6) in the database; a naive time is refused, never guessed at."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime())

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Cents(TypeDecorator[Money]):
    """Money in Python, a BIGINT of cents in the database; name such columns `…_cents`."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Dialect) -> int | None:
        return None if value is None else value.cents

    def process_result_value(self, value: int | None, dialect: Dialect) -> Money | None:
        return None if value is None else Money(int(value))


def status_type(statuses: type[LabelEnum], name: str, *, is_checked: bool = True) -> Enum:
    """VARCHAR(32) with a CHECK, holding the members' values; never MySQL's own ENUM type.

    Without the CHECK where new members are everyday business, so that none of them needs a migration.
    """
    return Enum(
        statuses,
        name=name,
        native_enum=False,
        create_constraint=is_checked,
        length=32,
        values_callable=lambda members: [member.value for member in members],
        validate_strings=True,
    )
