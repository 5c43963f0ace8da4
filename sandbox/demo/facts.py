"""What the owner of the demo shop has set: its facts, shipping, sales tax, minimums and pages of text."""

from dataclasses import dataclass
from decimal import Decimal

SHOP = {
    "name": "Harbor & Pine Supply",
    "tagline": "Kitchen, bath, candle and garden goods for shops, inns and cafés",
    "email": "hello@harborandpine.example",
    "staff_email": "orders@harborandpine.example",
    "phone": "+12075550100",
    "hours": "Monday to Friday, 8 am to 5 pm Eastern",
    "line1": "118 Commercial Street",
    "city": "Portland",
    "state": "ME",
    "postal_code": "04101",
    "time_zone": "America/New_York",
    "notice": "Ground freight is free on orders of $750 and more.",
    "review_days": 2,
    "allows_pay_on_pickup": True,
}


@dataclass(frozen=True)
class DemoShipping:
    """Prices in cents; `free_above_cents` None is never free."""

    code: str
    name: str
    description: str
    kind: str
    price_cents: int
    free_above_cents: int | None = None


SHIPPING = (
    DemoShipping(
        "ground", "Ground freight", "Three to five business days in New England", "flat", 1864, 75000
    ),
    DemoShipping("express", "Two-day", "Ordered by noon, there the day after tomorrow", "flat", 4287),
    DemoShipping(
        "pickup", "Pickup in Portland", "118 Commercial Street, dock door 3; ready in one day", "pickup", 0
    ),
)


@dataclass(frozen=True)
class DemoTaxRate:
    """A state's general rate (empty prefix), or what a locality adds for ZIP codes that begin with the prefix."""

    state: str
    name: str
    rate: Decimal
    is_shipping_taxable: bool = False
    postal_prefix: str = ""


# General state rates as published for 2025; a real shop's owner checks them with an accountant.
TAX_RATES = (
    DemoTaxRate("ME", "Maine", Decimal("0.055")),
    DemoTaxRate("MA", "Massachusetts", Decimal("0.0625")),
    DemoTaxRate("VT", "Vermont", Decimal("0.06"), True),
    DemoTaxRate("VT", "Burlington", Decimal("0.01"), postal_prefix="05401"),
    DemoTaxRate("RI", "Rhode Island", Decimal("0.07"), True),
    DemoTaxRate("CT", "Connecticut", Decimal("0.0635"), True),
    DemoTaxRate("NY", "New York", Decimal("0.04"), True),
    DemoTaxRate("NY", "New York City", Decimal("0.045"), postal_prefix="100"),
    DemoTaxRate("NJ", "New Jersey", Decimal("0.06625"), True),
    DemoTaxRate("PA", "Pennsylvania", Decimal("0.06"), True),
)

# First order and reorder, in cents, by customer group.
MINIMUMS = {
    "independent-shops": (25000, 15000),
    "regional-chains": (60000, 40000),
    "hospitality": (20000, 12500),
}
# Who pays on account: net days, and how much a business of the group may owe at a time, in cents.
TERMS = {"regional-chains": (30, 1_500_000), "hospitality": (30, 250_000)}
DEFAULT_GROUP = "independent-shops"

PAGES = (
    (
        "terms",
        "Terms of sale",
        "We sell to businesses that buy for resale or for use in their trade. Prices are in US dollars, for one piece, "
        "and goods come in whole cases.\n\n"
        "Your card is authorized when you place an order and charged when we confirm it. An order can be cancelled "
        "until we begin to pack it.\n\n"
        "Tell us within ten days about anything broken or missing, with a photo, and we replace it or give the money "
        "back. Goods stay ours until they are paid.",
    ),
    (
        "shipping-and-returns",
        "Shipping and returns",
        "Orders placed by noon leave Portland the next business day. Ground freight takes three to five business days "
        "in New England, a little longer beyond. Pickup is free: dock door 3, Monday to Friday.\n\n"
        "Unopened cases can come back within thirty days; write to us first. Food, seeds and wreaths cannot. "
        "Breakage in transit is our risk, not yours.",
    ),
    (
        "privacy",
        "Privacy",
        "We keep what we need to sell to you: who you are, your business's papers, what you ordered and what we wrote "
        "to each other. Card numbers never reach us; Square keeps them.\n\n"
        "Your tax number is stored encrypted and shown to you and to the two people who check applications. "
        "We send no newsletters nobody asked for, and we sell nothing about you to anyone.",
    ),
)
