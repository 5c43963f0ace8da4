"""Reads single cells of an import: pure functions from text to value that raise ValueError with what to type instead."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from app.catalog.models import TaxClass
from app.shared.money import Money

_WEIGHT = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,4})?)\s*(g|kg|oz|lb|lbs)", re.IGNORECASE)
# International yard and pound agreement: one pound is exactly 453.59237 g.
_GRAMS = {
    "g": Decimal(1),
    "kg": Decimal(1000),
    "oz": Decimal("28.349523125"),
    "lb": Decimal("453.59237"),
    "lbs": Decimal("453.59237"),
}
_MOST_GRAMS = 2_000_000
_MOST_PRICE = Money(100_000_000)
_YES = {"yes", "y", "true", "1"}
_NO = {"no", "n", "false", "0"}
_TAX = {
    "taxable": TaxClass.STANDARD,
    "standard": TaxClass.STANDARD,
    "exempt": TaxClass.EXEMPT,
    "never taxed": TaxClass.EXEMPT,
}


def read_words(text: str, longest: int) -> str:
    """Printable text (line breaks allowed), NFC, at most so many characters."""
    words = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if any(unicodedata.category(letter) == "Cc" and letter not in "\n\t" for letter in words):
        raise ValueError("This holds characters that cannot be printed. Type it again by hand.")
    if len(words) > longest:
        raise ValueError(f"Use at most {longest:,} characters; these are {len(words):,}.")
    return words


def read_code(text: str) -> str:
    """A sku's code as it is stored: upper case, single spaces."""
    code = " ".join(read_words(text, 40).upper().split())
    if not code:
        raise ValueError("Every row needs a SKU.")
    return code


def read_barcode(text: str) -> str:
    """8 to 14 digits (EAN-8, UPC-A, EAN-13, GTIN-14); spaces and dashes are dropped."""
    digits = re.sub(r"[\s-]", "", text)
    if not re.fullmatch(r"[0-9]{8,14}", digits):
        raise ValueError(
            "Enter the 8 to 14 digits under the bars. In a spreadsheet, format the column as text."
        )
    return digits


def read_price(text: str) -> Money:
    """ "3.40", "$3.40" or "1,250.00" per unit."""
    try:
        price = Money.from_dollars(text)
    except ValueError:
        raise ValueError("Enter a price per unit in dollars, like 3.40.") from None
    if price.cents < 0 or price > _MOST_PRICE:
        raise ValueError(f"Enter a price between $0.00 and {_MOST_PRICE}.")
    return price


def read_whole(text: str, least: int, most: int) -> int:
    """A whole number within bounds; "1,200" is one."""
    digits = text.replace(",", "").replace(" ", "")
    if not re.fullmatch(r"[0-9]{1,9}", digits) or not least <= int(digits) <= most:
        raise ValueError(f"Enter a whole number from {least:,} to {most:,}.")
    return int(digits)


def read_weight(text: str) -> int:
    """ "12 oz", "1.5 lb", "340 g" or "2 kg" → whole grams."""
    found = _WEIGHT.fullmatch(text.strip())
    if not found:
        raise ValueError("Enter a weight with its unit, like 12 oz, 1.5 lb or 340 g.")
    grams = (Decimal(found[1]) * _GRAMS[found[2].lower()]).quantize(Decimal(1), rounding=ROUND_HALF_UP)
    if grams > _MOST_GRAMS:
        raise ValueError("That is more than two metric tons. Enter the weight of one unit.")
    return int(grams)


def read_yes_no(text: str) -> bool:
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    raise ValueError("Enter yes or no.")


def read_tax_class(text: str) -> TaxClass:
    found = _TAX.get(text.lower())
    if found is None:
        raise ValueError("Enter taxable or exempt.")
    return found


def read_options(text: str) -> dict[str, str]:
    """ "Scent=Lavender; Size=8 oz" → {"Scent": "Lavender", "Size": "8 oz"}."""
    options: dict[str, str] = {}
    for part in text.split(";"):
        name, is_pair, value = (piece.strip() for piece in part.partition("="))
        if not part.strip():
            continue
        if not (is_pair and name and value) or name in options:
            raise ValueError("Enter options like Scent=Lavender; Size=8 oz.")
        options[read_words(name, 40)] = read_words(value, 80)
    return options


def read_category_path(text: str) -> tuple[str, ...]:
    """ "Kitchen > Mugs" → ("Kitchen", "Mugs"), at most three levels."""
    names = tuple(read_words(" ".join(name.split()), 80) for name in text.split(">"))
    if not all(names) or len(names) > 3:
        raise ValueError("Enter a category, or up to three from the top down, like Kitchen > Mugs.")
    return names


def read_handle(text: str) -> str:
    """The product's part of its address."""
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", text) or len(text) > 120:
        raise ValueError("Use small letters, digits and single dashes, like lavender-soap.")
    return text
