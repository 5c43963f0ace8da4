"""How much a business may still order on account, and why it may not: pure."""

from __future__ import annotations

from dataclasses import dataclass

from app.shared.money import ZERO, Money

# An invoice may be late; one that is this many days late closes the account until it is paid.
DAYS_OF_PATIENCE = 30


@dataclass(frozen=True)
class Credit:
    """A business's terms and what it has used of them.

    `net_days` 0 = no terms; `limit` None = no limit; `owed` counts orders on account from the moment they are placed;
    `most_overdue` is the days the invoice that waits longest is late, 0 when none is.
    """

    net_days: int = 0
    limit: Money | None = None
    owed: Money = ZERO
    most_overdue: int = 0

    @property
    def has_terms(self) -> bool:
        return self.net_days > 0

    @property
    def left(self) -> Money | None:
        """What may still be ordered on account, never below zero; None without a limit."""
        return None if self.limit is None else max(self.limit - self.owed, ZERO)

    @property
    def words(self) -> str:
        """ "$400.00 of your $2,000.00 limit is open; $1,600.00 is left"."""
        if self.limit is None:
            return (
                f"{self.owed} is open on your account." if self.owed else "Nothing is open on your account."
            )
        return f"{self.owed} of your {self.limit} limit is open; {self.left} is left."

    @property
    def staff_words(self) -> str:
        """ "$400.00 of $2,000.00 is open; $1,600.00 is left"."""
        if self.limit is None:
            return f"{self.owed} is open; no limit."
        return f"{self.owed} of {self.limit} is open; {self.left} is left."

    def find_refusal(self, amount: Money) -> str:
        """Why an order of this amount cannot go on account, and what to do; "" when it can."""
        if not self.has_terms:
            return "Your account has no payment terms. Choose another way to pay, or ask us for terms."
        if self.most_overdue > DAYS_OF_PATIENCE:
            return (
                f"An invoice on your account is {self.most_overdue} days overdue. Pay it first, or pay for this order "
                "in another way."
            )
        if self.limit is not None and self.owed + amount > self.limit:
            return (
                f"This order of {amount} does not fit into your credit limit of {self.limit}: {self.owed} is open, so "
                f"{self.left} is left. Pay an open invoice first, order less, or pay in another way."
            )
        return ""
