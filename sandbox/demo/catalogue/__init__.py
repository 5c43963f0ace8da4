"""The demo shop's goods, read from the files beside this module.

Prices are whole cents for one piece, weights are grams, quantities are pieces. Barcodes are EAN-13 numbers that
begin with 2: GS1 keeps those for a company's own use, so none of them can be a real product's.
"""

import csv
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class DemoSku:
    code: str
    barcode: str
    options: dict[str, str]
    price_cents: int
    weight_grams: int
    stock: int
    restock_in_days: int | None = None

    @property
    def variant(self) -> str | None:
        """The option's value ("Lavender"), None for a product sold in one form."""
        return next(iter(self.options.values()), None)


@dataclass(frozen=True)
class DemoProduct:
    name: str
    slug: str
    category_slug: str
    range: str
    range_name: str
    picture: str
    summary: str
    description: str
    case_pack: int
    minimum_quantity: int
    tax_class: str
    skus: tuple[DemoSku, ...]

    @property
    def label(self) -> str:
        """The words printed on the drawn product: the name without what follows a comma."""
        return self.name.split(",")[0]

    @property
    def main_variant(self) -> str | None:
        """The variant its own picture shows: the first color or scent, none when it only comes in sizes."""
        option, value = next(iter(self.skus[0].options.items()), ("", None))
        return None if option in ("Size", "Length") else value


@dataclass(frozen=True)
class DemoCategory:
    slug: str
    name: str
    description: str
    parent_slug: str | None


@dataclass(frozen=True)
class DemoCustomerGroup:
    slug: str
    name: str
    description: str


@dataclass(frozen=True)
class DemoPrice:
    """One price list entry: from `min_quantity` pieces on, a piece costs `unit_price_cents`."""

    price_list: str
    sku: str
    min_quantity: int
    unit_price_cents: int


@dataclass(frozen=True)
class DemoCatalogue:
    categories: tuple[DemoCategory, ...]
    products: tuple[DemoProduct, ...]
    customer_groups: tuple[DemoCustomerGroup, ...]
    prices: tuple[DemoPrice, ...]


@lru_cache(maxsize=1)
def load_catalogue() -> DemoCatalogue:
    """The whole catalogue; departments come before their categories, products in catalogue order."""
    tree = _read("categories.toml")
    return DemoCatalogue(
        categories=tuple(_categories(tree)),
        products=tuple(_products(tree)),
        customer_groups=tuple(DemoCustomerGroup(**group) for group in tree["customer_group"]),
        prices=tuple(_prices()),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_HERE / name).read_text(encoding="utf-8"))


def _categories(tree: dict[str, Any]) -> Iterator[DemoCategory]:
    for top in tree["department"]:
        yield DemoCategory(top["slug"], top["name"], top["description"], None)
        for leaf in top["category"]:
            yield DemoCategory(leaf["slug"], leaf["name"], leaf["description"], top["slug"])


def _products(tree: dict[str, Any]) -> Iterator[DemoProduct]:
    for top in tree["department"]:
        for leaf in top["category"]:
            for entry in _read(leaf["file"])["product"]:
                yield _product(entry, leaf["slug"], tree["ranges"])


def _product(entry: dict[str, Any], category_slug: str, ranges: dict[str, str]) -> DemoProduct:
    facts = {key: value for key, value in entry.items() if key not in ("sku", "description")}
    return DemoProduct(
        **facts,
        category_slug=category_slug,
        range_name=ranges[entry["range"]],
        description=" ".join(entry["description"].split()),
        skus=tuple(DemoSku(**sku) for sku in entry["sku"]),
    )


def _prices() -> Iterator[DemoPrice]:
    with (_HERE / "price_lists.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield DemoPrice(
                row["price_list"], row["sku"], int(row["min_quantity"]), int(row["unit_price_cents"])
            )
