"""How many of a sku can be ordered: whole cases, from its minimum up. Prices know nothing of this, and it nothing of prices."""

from __future__ import annotations

from dataclasses import dataclass

from app.shared.errors import AppError

# A sanity bound on one line, far below what an INT column holds; whoever needs more talks to a person anyway.
MOST_UNITS = 100_000

# People copy numbers out of spreadsheets: thin and no-break spaces and thousands commas come along.
_IGNORED = str.maketrans("", "", ", \t\u00a0\u2009\u202f")


class WrongQuantity(AppError):
    """The quantity cannot be ordered; `nearest` holds the right ones beside it (none, one or two), `typed` what was typed."""

    def __init__(self, message: str, typed: str, nearest: tuple[int, ...] = (), field: str = "quantity"):
        super().__init__(message, field)
        self.typed = typed
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class QuantityProblem:
    """Why a quantity is wrong: `code` is off_pack, below_minimum or too_many."""

    code: str
    message: str
    nearest: tuple[int, ...]


def parse_quantity(text: str) -> int:
    """Read "48", "1 200" or "1,200" as units; 0 is a number too. WrongQuantity says what to type instead."""
    digits = text.translate(_IGNORED)
    if not digits:
        raise WrongQuantity("Enter how many you want, like 48.", text)
    if not (digits.isascii() and digits.isdigit()):
        raise WrongQuantity("Enter a whole number of units, like 48.", text)
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(MOST_UNITS)) or int(digits) > MOST_UNITS:
        raise WrongQuantity(_too_many(), text)
    return int(digits)


def smallest_right(case_pack: int, minimum: int) -> int:
    """The fewest units that are whole cases and reach the minimum."""
    return _round_up(max(minimum, 1), case_pack)


def nearest_right(quantity: int, case_pack: int, minimum: int) -> tuple[int | None, int | None]:
    """The right quantities just below and just above, each None where there is none; a right one is both."""
    least = smallest_right(case_pack, minimum)
    most = MOST_UNITS // case_pack * case_pack
    below = min(quantity // case_pack * case_pack, most)
    above = max(_round_up(quantity, case_pack), least)
    return (below if below >= least else None, above if above <= most else None)


def check_quantity(quantity: int, case_pack: int, minimum: int) -> QuantityProblem | None:
    """None when the quantity can be ordered; otherwise what is wrong and the right ones beside it."""
    below, above = nearest_right(quantity, case_pack, minimum)
    nearest = tuple(right for right in (below, above) if right is not None)
    if quantity > MOST_UNITS:
        return QuantityProblem("too_many", _too_many(), nearest)
    if quantity < smallest_right(case_pack, minimum):
        return QuantityProblem(
            "below_minimum", f"{_rule_sentence(case_pack, minimum)} {_choices(nearest)}", nearest
        )
    if quantity % case_pack:
        return QuantityProblem(
            "off_pack", f"{_rule_sentence(case_pack, minimum)} {_choices(nearest)}", nearest
        )
    return None


def require_right_quantity(quantity: int, case_pack: int, minimum: int, typed: str = "") -> None:
    """Raise WrongQuantity when check_quantity finds a problem."""
    problem = check_quantity(quantity, case_pack, minimum)
    if problem:
        raise WrongQuantity(problem.message, typed or str(quantity), problem.nearest)


def largest_right_within(available: int, case_pack: int, minimum: int) -> int:
    """The most units that can be ordered out of what is available; 0 when not even the minimum can."""
    most = min(available, MOST_UNITS) // case_pack * case_pack
    return most if most >= smallest_right(case_pack, minimum) else 0


def rule_in_words(case_pack: int, minimum: int) -> str:
    """ "Sold in 12s, 48 minimum", "Sold in 12s", "48 minimum", or nothing where any number will do."""
    least = smallest_right(case_pack, minimum)
    sold_in = f"Sold in {case_pack}s" if case_pack > 1 else ""
    from_ = f"{least:,} minimum" if least > case_pack else ""
    return ", ".join(part for part in (sold_in, from_) if part)


def _round_up(quantity: int, case_pack: int) -> int:
    return -(-quantity // case_pack) * case_pack


def _rule_sentence(case_pack: int, minimum: int) -> str:
    return f"{rule_in_words(case_pack, minimum) or 'At least 1'}."


def _choices(nearest: tuple[int, ...]) -> str:
    if not nearest:
        return "Call us to order this."
    return f"Choose {' or '.join(f'{right:,}' for right in nearest)}."


def _too_many() -> str:
    return f"That is more than {MOST_UNITS:,}, the most one line can hold. Call us for larger orders."
