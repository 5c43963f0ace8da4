"""One sku and how many of it, with everything a quote has to know about it."""

from __future__ import annotations

from dataclasses import dataclass

from app.pricing.tiers import SkuPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A line before it is priced: facts of the sku as they are now, and the quantity in units."""

    sku_id: int
    code: str
    product_name: str
    options_label: str = ""
    quantity: int
    price: SkuPrice
    case_pack: int = 1
    minimum_quantity: int = 1
    is_taxable: bool = True
    is_sold: bool = True
    available: int = 0

    @property
    def name(self) -> str:
        """ "Lavender soap, 8 oz": the product and what tells this sku from its siblings."""
        return f"{self.product_name}, {self.options_label}" if self.options_label else self.product_name
