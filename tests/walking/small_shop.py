"""A small shop whose every price and stock figure is a number found nowhere else, and people of all kinds to walk it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from app.accounts.models import User
from app.businesses.models import Address, Business, ResaleCertificate, Upload
from app.catalog.models import Category, Product, Sku
from app.contact.models import ContactMessage
from app.extensions import db
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.payments.models import Payment
from app.payments.status import PaymentStatus
from app.pricing.models import PriceList
from app.shared import clock
from app.shared.money import Money
from app.shared.transaction import transaction
from app.shop.models import ShippingMethod, TextPage
from tests.factories import (
    make_address,
    make_business,
    make_category,
    make_certificate,
    make_group,
    make_message,
    make_order,
    make_payment,
    make_price_list,
    make_product,
    make_shipping_method,
    make_shop,
    make_sku,
    make_text_page,
    make_user,
)

# (product, option, cents, case pack, units in stock). Eight skus; every figure is its own.
GOODS = (
    ("Copper kettle", "", 739_171, 1, 61_357),
    ("Linen apron", "Sand", 683_197, 6, 52_879),
    ("Linen apron", "Slate", 694_373, 6, 47_791),
    ("Beeswax candle", "Small", 17_389, 12, 38_693),
    ("Beeswax candle", "Medium", 28_697, 12, 29_483),
    ("Beeswax candle", "Large", 39_461, 6, 17),
    ("Cedar soap dish", "", 51_973, 4, 27),
    ("Walnut board", "", 862_753, 1, 0),
)
# What the buyers of the "own" list pay for a sku, by the quantity from which it holds; the "other" list is nobody's here.
OWN_PRICES = {0: {1: 628_519}, 3: {12: 15_731, 48: 14_159}, 7: {1: 793_283, 6: 746_947}}
OTHER_PRICES = {0: {1: 571_841}, 4: {12: 24_917}, 6: {4: 43_499}}
# What the shop says of what is nearly gone; eight of the soap dishes are ordered already.
LOW = ("17 left", "19 left")


@dataclass
class SmallShop:
    """Everything a path of the shop can name. `order`, `address`, … are the approved business's own."""

    categories: list[Category] = field(default_factory=list)
    products: list[Product] = field(default_factory=list)
    skus: list[Sku] = field(default_factory=list)
    text_page: TextPage = field(init=False)
    own_list: PriceList = field(init=False)
    other_list: PriceList = field(init=False)
    business: Business = field(init=False)
    buyer: User = field(init=False)
    address: Address = field(init=False)
    shipping: ShippingMethod = field(init=False)
    certificate: ResaleCertificate = field(init=False)
    upload: Upload = field(init=False)
    order: Order = field(init=False)
    payment: Payment = field(init=False)
    message: ContactMessage = field(init=False)


def make_small_shop() -> SmallShop:
    """Categories over two levels, five products with eight skus, and one approved business with an order of its own."""
    shop = SmallShop()
    make_shop()
    shop.text_page = make_text_page()
    shop.shipping = make_shipping_method()
    home = make_category("Home", slug="home")
    shop.categories = [
        home,
        make_category("Kitchen", parent=home, slug="kitchen"),
        make_category("Bath", slug="bath"),
    ]
    _stock_shelves(shop)
    shop.own_list = make_price_list("Own", _breaks(shop, OWN_PRICES))
    shop.other_list = make_price_list("Other", _breaks(shop, OTHER_PRICES))
    _open_account(shop)
    shop.message = make_message()
    return shop


def _stock_shelves(shop: SmallShop) -> None:
    made: dict[str, Product] = {}
    for number, (name, option, cents, case_pack, stock) in enumerate(GOODS):
        if name not in made:
            place = shop.categories[1 + len(made) % 2]
            made[name] = make_product(name, category=place, slug=name.lower().replace(" ", "-"))
        options = {"Kind": option} if option else {}
        sku = make_sku(
            made[name], price=Money(cents), stock=stock, case_pack=case_pack, minimum=case_pack, options=options,
            code=f"SM-{number}",
        )  # fmt: skip
        shop.skus.append(sku)
    shop.products = list(made.values())


def _breaks(shop: SmallShop, prices: dict[int, dict[int, int]]) -> dict[Sku, dict[int, Money]]:
    return {
        shop.skus[number]: {least: Money(cents) for least, cents in steps.items()}
        for number, steps in prices.items()
    }


def _open_account(shop: SmallShop) -> None:
    shop.business = make_business(group=make_group("Own", price_list=shop.own_list))
    shop.buyer = make_user(business=shop.business, name="Nora Vale")
    shop.address = make_address(shop.business)
    shop.upload = make_upload(shop.business, shop.buyer)
    shop.certificate = make_certificate(shop.business, upload_id=shop.upload.id)
    shop.order = make_order(shop.buyer, {shop.skus[6]: 8}, status=OrderStatus.PAID)
    shop.payment = make_payment(shop.order, PaymentStatus.CAPTURED)


def make_upload(business: Business, user: User) -> Upload:
    """The row of a paper; the file itself is not there."""
    upload = Upload(
        business_id=business.id, user_id=user.id, stored_name=f"{business.id:032x}.pdf", original_name="resale.pdf",
        content_type="application/pdf", size=9, sha256="0" * 64, created_at=clock.now(),
    )  # fmt: skip
    with transaction():
        db.session.add(upload)
    return upload


# --- What nobody but an approved buyer may read --------------------------------------------------------------------


def list_prices() -> set[int]:
    return {cents for _, _, cents, _, _ in GOODS}


def own_prices() -> set[int]:
    return {cents for steps in OWN_PRICES.values() for cents in steps.values()}


def other_prices() -> set[int]:
    return {cents for steps in OTHER_PRICES.values() for cents in steps.values()}


def case_prices() -> set[int]:
    """What a case costs, at every price a sku has."""
    found = {cents * pack for _, _, cents, pack, _ in GOODS}
    for prices in (OWN_PRICES, OTHER_PRICES):
        found |= {cents * GOODS[number][3] for number, steps in prices.items() for cents in steps.values()}
    return found


def stock_figures() -> set[str]:
    """Both ways to write each large figure, and the words a small one stands in."""
    large = [stock for *_, stock in GOODS if stock > 100]
    return {str(stock) for stock in large} | {f"{stock:,}" for stock in large} | set(LOW)


def price_forms(cents: int) -> Iterator[str]:
    """Every way a price may be written: with and without thousands, and as the bare number of cents."""
    whole, rest = divmod(cents, 100)
    yield f"{whole:,}.{rest:02}"
    yield f"{whole}.{rest:02}"
    yield str(cents)


def finder(words: set[str]) -> re.Pattern[str]:
    """Finds any of the words where they stand alone, so that an id or a token that holds the figures is none."""
    return re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(map(re.escape, sorted(words)))})(?![A-Za-z0-9_-])")


def price_words(prices: set[int]) -> set[str]:
    return {form for cents in prices for form in price_forms(cents)}
