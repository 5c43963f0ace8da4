"""What the cart page shows: frozen, with every word ready.

Whoever may not see prices gets lines without a `price`: no amount and no stock figure is in them at all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from flask import url_for

from app.carts.item import CartItem
from app.catalog.pictures import Picture
from app.catalog.quantities import rule_in_words
from app.inventory.words import StockWords, describe_stock
from app.pricing.quote import Quote, QuoteLine
from app.shared.errors import Violation
from app.shared.money import Money


@dataclass(frozen=True, slots=True)
class LinePrice:
    """The trade facts of a line, for who may see them."""

    each: Money
    list_each: Money | None
    total: Money
    stock: StockWords
    problem: str
    change: str
    next_words: str


@dataclass(frozen=True, slots=True)
class LineView:
    """One line. `value` stands in the box: the quantity, or what was typed when that was wrong (then with `error`)."""

    line_id: int
    sku_id: int
    name: str
    code: str
    slug: str
    pack_words: str
    rule_words: str
    case_pack: int
    minimum_quantity: int
    quantity: int
    value: str
    is_sold: bool
    picture: Picture | None
    price: LinePrice | None = None
    error: str = ""
    nearest: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SumRow:
    """One row of the summary: a word, an amount as text, and perhaps a note under it."""

    word: str
    amount: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """One reason why this cannot be ordered yet, and where it is put right."""

    message: str
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class CartPage:
    """A buyer's cart, or the list of someone who sees no prices yet (`is_list`)."""

    lines: tuple[LineView, ...] = ()
    is_list: bool = True
    sums: tuple[SumRow, ...] = ()
    total: Money | None = None
    total_word: str = "Total"
    savings: Money | None = None
    units: int = 0
    meter_words: str = ""
    meter_reached: int = 0
    meter_required: int = 0
    is_minimum_met: bool = True
    shipping_hint: str = ""
    fixes: tuple[Fix, ...] = ()
    price_changes: bool = False

    @property
    def title(self) -> str:
        return "Your list" if self.is_list else "Your cart"

    @property
    def lines_label(self) -> str:
        return "On your list" if self.is_list else "In your cart"

    @property
    def empty_words(self) -> str:
        """What this page will hold."""
        if self.is_list:
            return "Put what you want to order on this list. It is your cart as soon as you can order."
        return "What you add is kept here, on every device you sign in with."

    def with_error(self, line_id: int, typed: str, message: str, nearest: tuple[int, ...]) -> CartPage:
        """The same page with what was typed, what is wrong with it, and the right quantities beside it."""
        lines = tuple(
            replace(line, value=typed, error=message, nearest=nearest) if line.line_id == line_id else line
            for line in self.lines
        )
        return replace(self, lines=lines)

    @property
    def has_error(self) -> bool:
        return any(line.error for line in self.lines)


@dataclass(frozen=True, slots=True)
class Undo:
    """A line that was just removed and can be put back."""

    sku_id: int
    quantity: int
    name: str


def build_line(item: CartItem) -> LineView:
    """A line without anything of its price or stock."""
    return LineView(
        line_id=item.line_id,
        sku_id=item.sku_id,
        name=item.name,
        code=item.code,
        slug=item.slug,
        pack_words=f"Case of {item.case_pack:,}" if item.case_pack > 1 else "Sold singly",
        rule_words=rule_in_words(item.case_pack, item.minimum_quantity),
        case_pack=item.case_pack,
        minimum_quantity=item.minimum_quantity,
        quantity=item.quantity,
        value=str(item.quantity),
        is_sold=item.is_sold,
        picture=item.picture,
    )


def build_priced_line(item: CartItem, quoted: QuoteLine, quote: Quote, today: date) -> LineView:
    """A line with price, stock, what is wrong with it and what changed since it was added."""
    problems = quote.violations_of(item.sku_id)
    return replace(
        build_line(item),
        price=LinePrice(
            each=quoted.unit_price,
            list_each=quoted.list_price if quoted.saving else None,
            total=quoted.line_total,
            stock=describe_stock(item.stock, today),
            problem=problems[0].message if problems else "",
            change=describe_change(item, quoted.unit_price),
            next_words=quoted.next_break.words if quoted.next_break and not problems else "",
        ),
    )


def describe_change(item: CartItem, now: Money) -> str:
    """ "The price went up from $3.40 to $3.60 since you added it.", or nothing."""
    if not item.is_sold or item.seen_price is None or item.seen_price == now:
        return ""
    way = "up" if now > item.seen_price else "down"
    return f"The price went {way} from {item.seen_price} to {now} since you added it."


def build_cart_page(lines: tuple[LineView, ...], quote: Quote, ship_to: str) -> CartPage:
    """The page of a buyer who sees prices. `ship_to` says where the estimate goes, like "to Portland, ME 04101"."""
    tax_amount = str(quote.tax) if quote.tax is not None else "At checkout"
    shipping = quote.shipping
    shipping_amount = "At checkout" if shipping is None else str(shipping.price) if shipping.price else "Free"
    shipping_note = shipping.text.split(":")[0] if shipping else ""
    return CartPage(
        lines=lines,
        is_list=False,
        sums=(
            SumRow("Subtotal", str(quote.subtotal), f"{quote.units:,} units"),
            SumRow("Shipping", shipping_amount, " ".join(part for part in (shipping_note, ship_to) if part)),
            SumRow("Tax", tax_amount, quote.tax_reason),
        ),
        total=quote.total,
        total_word="Estimated total" if quote.is_total_final else "Total so far",
        savings=quote.savings or None,
        units=quote.units,
        meter_words=quote.minimum.words,
        meter_reached=min(quote.minimum.reached.cents, quote.minimum.required.cents),
        meter_required=quote.minimum.required.cents,
        is_minimum_met=quote.minimum.is_met,
        shipping_hint=shipping.hint if shipping else "",
        fixes=tuple(_build_fix(each, lines) for each in quote.goods_violations),
        price_changes=any(line.price and line.price.change for line in lines),
    )


def _build_fix(violation: Violation, lines: tuple[LineView, ...]) -> Fix:
    """Trouble with a line leads to that line on this very page."""
    line = next((each for each in lines if each.code == violation.subject), None)
    url = f"#line-{line.line_id}" if line else url_for(violation.fix_endpoint)
    return Fix(violation.message, violation.fix_label, url)
