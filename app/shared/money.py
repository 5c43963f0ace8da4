"""Money in whole cents. Nothing here, or above it, ever holds an amount in a binary fraction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_CENTS_PER_DOLLAR = Decimal(100)


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount of US dollars as a whole number of cents; may be negative (a credit)."""

    cents: int

    def __post_init__(self) -> None:
        if type(self.cents) is not int:
            raise TypeError(f"Money takes whole cents, not {type(self.cents).__name__}")

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    def times(self, factor: int | Decimal) -> Money:
        """The amount multiplied and rounded half up to the cent: here and in `share` alone money is rounded."""
        product = Decimal(self.cents) * Decimal(factor)
        return Money(int(product.quantize(Decimal(1), rounding=ROUND_HALF_UP)))

    def share(self, part: int, whole: int) -> Money:
        """`part` of `whole` equal shares, rounded half up. In whole numbers: a quotient cut short could fall just below
        the half. For amounts and parts that are not negative."""
        return Money((2 * self.cents * part + whole) // (2 * whole))

    @classmethod
    def total(cls, amounts: Iterable[Money]) -> Money:
        """The sum of any number of amounts; nothing at all sums to zero."""
        return cls(sum(amount.cents for amount in amounts))

    @classmethod
    def from_dollars(cls, text: str) -> Money:
        """Read "1,234.50" or "$12"; raises ValueError when it is no amount or has parts of a cent."""
        try:
            dollars = Decimal(text.strip().removeprefix("$").replace(",", ""))
        except InvalidOperation:
            raise ValueError(f"not an amount: {text!r}") from None
        if not dollars.is_finite():
            raise ValueError(f"not an amount: {text!r}")
        cents = dollars * _CENTS_PER_DOLLAR
        if cents != cents.to_integral_value():
            raise ValueError(f"parts of a cent: {text!r}")
        return cls(int(cents))

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        dollars, cents = divmod(abs(self.cents), 100)
        return f"{sign}${dollars:,}.{cents:02d}"


ZERO = Money(0)
