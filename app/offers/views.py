"""What a page shows of a product: frozen, and without any trade fact unless the viewer may see prices."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from app.catalog.pictures import Picture
from app.pricing.tiers import Break
from app.shared.money import Money
from app.web import address_of

_GRAMS_PER_OUNCE = Decimal("28.349523125")  # NIST Handbook 44, appendix C
_OUNCES_PER_POUND = 16


def weight_in_words(grams: int) -> str:
    """567 → "1 lb 4 oz"; under a pound with a tenth of an ounce: "3.5 oz"."""
    ounces = Decimal(grams) / _GRAMS_PER_OUNCE
    if ounces < _OUNCES_PER_POUND:
        return f"{ounces.quantize(Decimal('0.1')).normalize():f} oz"
    pounds, rest = divmod(int(ounces.to_integral_value()), _OUNCES_PER_POUND)
    return f"{pounds:,} lb {rest} oz" if rest else f"{pounds:,} lb"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a sku costs this buyer and how it stands on the shelf. It exists only for a viewer who sees prices.

    `unit_price` is at the smallest quantity that can be ordered; `steps` are all quantities at which it falls, that
    one first; `list_price` is there where the buyer's own price is lower.
    """

    unit_price: Money
    case_price: Money | None
    list_price: Money | None
    steps: tuple[Break, ...]
    next_words: str
    stock_words: str = ""
    stock_tone: str = ""

    @property
    def break_hint(self) -> str:
        """ "48+ $3.10": the next price, short enough for a table; nothing where it never falls."""
        if len(self.steps) < 2:
            return ""
        return f"{self.steps[1].minimum_quantity:,}+ {self.steps[1].unit_price}"


@dataclass(frozen=True, slots=True)
class SkuRow:
    """One thing that can be bought, as a row of a table or the choice on a product's page."""

    sku_id: int
    code: str
    barcode: str
    product_name: str
    product_slug: str
    options_label: str
    case_pack: int
    minimum_quantity: int
    smallest_quantity: int
    rule_words: str
    weight_grams: int
    picture: Picture | None
    offer: Offer | None

    @property
    def name(self) -> str:
        """ "Lavender soap, 8 oz"."""
        return f"{self.product_name}, {self.options_label}" if self.options_label else self.product_name

    @property
    def url(self) -> str:
        """The product's page with this sku chosen."""
        if self.options_label:
            return f"{address_of('catalog.product', slug=self.product_slug)}?sku={quote(self.code)}"
        return address_of("catalog.product", slug=self.product_slug)

    @property
    def pack_words(self) -> str:
        """ "Case of 12", or "Sold singly"."""
        return f"Case of {self.case_pack:,}" if self.case_pack > 1 else "Sold singly"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What a buyer looks up: (word, value), without those that are not known."""
        pairs = [
            ("SKU", self.code),
            ("Pack", self.pack_words),
            ("Quantities", self.rule_words),
            ("Weight", f"{weight_in_words(self.weight_grams)} each" if self.weight_grams else ""),
            ("Barcode", self.barcode),
        ]
        return [(word, value) for word, value in pairs if value]


@dataclass(frozen=True, slots=True)
class ProductCard:
    """One product of a listing with the skus that can be bought."""

    product_id: int
    name: str
    slug: str
    brand: str
    picture: Picture | None
    rows: tuple[SkuRow, ...]

    @property
    def url(self) -> str:
        return address_of("catalog.product", slug=self.slug)

    @property
    def only_row(self) -> SkuRow | None:
        """The sku, where there is just one to choose from."""
        return self.rows[0] if len(self.rows) == 1 else None

    @property
    def pack_words(self) -> str:
        """The pack, said once where all options have the same."""
        words = {row.pack_words for row in self.rows}
        return words.pop() if len(words) == 1 else "Packs vary" if words else ""

    @property
    def cheapest(self) -> Offer | None:
        """The offer with the lowest price; None for viewers who see none, or where nothing can be bought."""
        offers = [row.offer for row in self.rows if row.offer is not None]
        return min(offers, key=lambda offer: offer.unit_price, default=None)

    @property
    def is_one_price(self) -> bool:
        """Whether every option costs the same."""
        return len({row.offer.unit_price for row in self.rows if row.offer is not None}) <= 1

    @property
    def stock(self) -> tuple[str, str] | None:
        """Words and tone, where they are the same for all options; None for viewers who see no stock."""
        words = {(row.offer.stock_words, row.offer.stock_tone) for row in self.rows if row.offer is not None}
        if not words:
            return None
        return words.pop() if len(words) == 1 else ("Stock differs by option", "quiet")


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """A product's own page."""

    product_id: int
    category_id: int
    name: str
    slug: str
    brand: str
    summary: str
    description: str
    pictures: tuple[Picture, ...]
    rows: tuple[SkuRow, ...]
    chosen: SkuRow | None
    neighbours: tuple[ProductCard, ...]

    @property
    def url(self) -> str:
        return address_of("catalog.product", slug=self.slug)

    @property
    def paragraphs(self) -> list[str]:
        """The description's paragraphs: what an empty line parts."""
        return [part.strip() for part in self.description.replace("\r\n", "\n").split("\n\n") if part.strip()]
