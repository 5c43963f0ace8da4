"""Sales tax by destination, and when a resale certificate lifts it. The reason is kept on the order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

NO_TAX = Decimal(0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where goods change hands: the ship-to address, or the shop itself for a pickup."""

    state: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class LocalRate:
    """What a locality adds for ZIP codes that begin with the prefix."""

    postal_prefix: str
    name: str
    rate: Decimal


@dataclass(frozen=True, slots=True)
class TaxTable:
    """One state's rates as the owner set them; `state_rate` is None where nothing is set for the state."""

    state: str
    state_name: str
    state_rate: Decimal | None = None
    is_shipping_taxable: bool = False
    local_rates: tuple[LocalRate, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A resale certificate as tax sees it: whose state, how long, and whether staff verified it."""

    certificate_id: int
    state: str
    number: str
    is_verified: bool
    issued_on: date | None = None
    expires_on: date | None = None

    def is_valid_on(self, day: date) -> bool:
        """Verified, issued, and not expired; the last day still counts."""
        started = self.issued_on is None or self.issued_on <= day
        return self.is_verified and started and (self.expires_on is None or day <= self.expires_on)


@dataclass(frozen=True, slots=True)
class TaxOutcome:
    """The rates for goods and for shipping as shares (0.055), why, and the certificate that lifted them."""

    goods_rate: Decimal
    shipping_rate: Decimal
    reason: str
    certificate_id: int | None = None

    def rate_for(self, is_taxable: bool) -> Decimal:
        """The rate of a line: goods the shop marked as never taxed carry none anywhere."""
        return self.goods_rate if is_taxable else NO_TAX


def decide_tax(
    place: Place, table: TaxTable, certificates: Iterable[Certificate], is_approved: bool, today: date
) -> TaxOutcome:
    """Tax an order by where its goods go; free of tax only for an approved business with a valid certificate there."""
    local = find_local_rate(table, place.postal_code)
    rate = (table.state_rate or NO_TAX) + (local.rate if local else NO_TAX)
    if not rate:
        return TaxOutcome(NO_TAX, NO_TAX, f"No sales tax is set for {table.state_name}")
    held = [each for each in certificates if each.state == place.state]
    valid = [each for each in held if each.is_valid_on(today)]
    if valid and is_approved:
        best = max(valid, key=lambda each: (each.expires_on or date.max, each.certificate_id))
        return TaxOutcome(NO_TAX, NO_TAX, _exempt_reason(table, best), best.certificate_id)
    shipping_rate = rate if table.is_shipping_taxable else NO_TAX
    return TaxOutcome(rate, shipping_rate, _taxed_reason(table, local) + _why_not_exempt(held, today))


def find_local_rate(table: TaxTable, postal_code: str) -> LocalRate | None:
    """The addition of the longest prefix that the ZIP code begins with."""
    matching = [each for each in table.local_rates if postal_code.strip().startswith(each.postal_prefix)]
    return max(matching, key=lambda each: len(each.postal_prefix), default=None)


def percent(rate: Decimal) -> str:
    """0.05500 → "5.5 %"."""
    return f"{(rate * 100).normalize():f} %"


def day_in_words(day: date) -> str:
    """ "Jun 30, 2027"."""
    return f"{day:%b} {day.day}, {day.year}"


def _taxed_reason(table: TaxTable, local: LocalRate | None) -> str:
    parts = []
    if table.state_rate:
        parts.append(f"{table.state_name} {percent(table.state_rate)}")
    if local and local.rate:
        parts.append(f"{local.name} {percent(local.rate)}")
    return f"Taxed: {' + '.join(parts)}"


def _exempt_reason(table: TaxTable, certificate: Certificate) -> str:
    until = f", valid until {day_in_words(certificate.expires_on)}" if certificate.expires_on else ""
    return f"Exempt: {table.state_name} resale certificate {certificate.number}{until}"


def _why_not_exempt(held: list[Certificate], today: date) -> str:
    """What keeps the newest certificate for this state from counting, so that nobody has to ask why they are taxed."""
    if not held:
        return ""
    newest = max(held, key=lambda each: (each.expires_on or date.max, each.certificate_id))
    if newest.expires_on and newest.expires_on < today:
        return f" (resale certificate {newest.number} expired on {day_in_words(newest.expires_on)})"
    if not newest.is_verified:
        return f" (resale certificate {newest.number} is not verified)"
    if newest.issued_on and newest.issued_on > today:
        return f" (resale certificate {newest.number} counts from {day_in_words(newest.issued_on)})"
    return ""
