"""The shop of the suite: a few buyers, goods in plenty, and goods that are fought over."""

from __future__ import annotations

from dataclasses import dataclass

from app.accounts.permissions import Role
from app.shared.money import Money
from tests.factories import (
    make_address,
    make_business,
    make_group,
    make_product,
    make_shipping_method,
    make_shop,
    make_sku,
    make_staff,
    make_text_page,
    make_user,
)

BUYERS = 16
# So many of them may order on account.
_ON_TERMS = 4
_PLENTY, _SCARCE = 6, 4


@dataclass(frozen=True)
class Goods:
    """Who buys (addresses), who works here, and what is for sale (sku ids)."""

    buyers: tuple[str, ...]
    staff: str
    plenty: tuple[int, ...]
    scarce: tuple[int, ...]


def stock_the_shop(orders: int) -> Goods:
    """Write the shop for about so many orders; of the scarce goods there are fewer than will be asked for."""
    make_shop()
    make_text_page()
    make_shipping_method()
    buyers = []
    terms = make_group("On account", net_terms_days=30, credit_limit_cents=Money(10**9))
    for number in range(BUYERS):
        business = make_business(group=terms if number < _ON_TERMS else None)
        make_address(business)
        buyers.append(make_user(business=business).email)
    product = make_product("Beeswax candle")
    plenty = [make_sku(product, price=Money(1000 + n), stock=orders * 40).id for n in range(_PLENTY)]
    scarce = [make_sku(product, price=Money(2000 + n), stock=max(3, orders // 25)).id for n in range(_SCARCE)]
    return Goods(tuple(buyers), make_staff(Role.SHOP_OWNER).email, tuple(plenty), tuple(scarce))
