"""Who buys from and works for the demo shop. Everyone and everything here is made up.

E-mail addresses end in `.example` and telephone numbers lie in 555-01xx, both reserved for stories; EINs carry real
prefixes with serial numbers nobody was given. Days are relative to the day of seeding: negative is past.
"""

from dataclasses import dataclass, field

DEMO_PASSWORD = "harbor-pine-demo"


@dataclass(frozen=True)
class DemoStaff:
    """Someone behind the counter; `role` is a value of the shop's roles."""

    email: str
    name: str
    role: str


@dataclass(frozen=True)
class DemoAddress:
    label: str
    recipient: str
    line1: str
    city: str
    state: str
    postal_code: str
    line2: str = ""


@dataclass(frozen=True)
class DemoCertificate:
    """A resale certificate. `expires_in_days` is None where a state's paper has no end."""

    number: str
    state: str
    issued_in_days: int
    expires_in_days: int | None
    status: str


@dataclass(frozen=True)
class DemoPerson:
    email: str
    name: str
    role: str = "business_owner"
    is_active: bool = True


@dataclass(frozen=True)
class DemoBusiness:
    """A company that buys. `applied_days_ago` and `decided_days_ago` are None for what has not happened."""

    legal_name: str
    trade_name: str
    kind: str
    status: str
    ein: str
    phone: str
    website: str
    people: tuple[DemoPerson, ...]
    addresses: tuple[DemoAddress, ...]
    registered_days_ago: int
    applied_days_ago: int | None = None
    decided_days_ago: int | None = None
    suspended_days_ago: int | None = None
    group: str | None = None
    certificates: tuple[DemoCertificate, ...] = ()
    review_note: str = ""
    requested_fields: tuple[str, ...] = ()
    staff_note: str = ""


@dataclass(frozen=True)
class DemoPeople:
    staff: tuple[DemoStaff, ...] = ()
    businesses: tuple[DemoBusiness, ...] = ()
    newcomers: tuple[DemoPerson, ...] = field(default=())


STAFF = (
    DemoStaff("owner@harborandpine.example", "Ruth Pelletier", "shop_owner"),
    DemoStaff("support@harborandpine.example", "Dana Okafor", "support"),
    DemoStaff("fulfilment@harborandpine.example", "Leo Thibodeau", "fulfilment"),
    DemoStaff("catalogue@harborandpine.example", "Priya Raman", "catalogue"),
    DemoStaff("finance@harborandpine.example", "Martin Gagne", "finance"),
)

# Registered, but the link in the mail was never opened.
NEWCOMERS = (DemoPerson("june@tidewrackpaper.example", "June Alvarado"),)

BIRCH_AND_ANCHOR = DemoBusiness(
    legal_name="Birch & Anchor LLC",
    trade_name="Birch & Anchor",
    kind="retail_store",
    status="approved",
    group="independent-shops",
    ein="01-0000417",
    phone="+12075550142",
    website="https://birchandanchor.example",
    people=(
        DemoPerson("nora@birchandanchor.example", "Nora Whitcomb"),
        DemoPerson("sam@birchandanchor.example", "Sam Whitcomb", "buyer"),
        DemoPerson("former@birchandanchor.example", "Alex Doyle", "buyer", is_active=False),
    ),
    addresses=(
        DemoAddress("Shop", "Birch & Anchor", "27 Bay View Street", "Camden", "ME", "04843"),
        DemoAddress(
            "Winter storage", "Birch & Anchor", "410 Rockland Road", "Rockport", "ME", "04856", "Unit 6"
        ),
    ),
    registered_days_ago=310,
    applied_days_ago=309,
    decided_days_ago=308,
    certificates=(DemoCertificate("ME-1047723", "ME", -308, 420, "verified"),),
)

GREEN_MOUNTAIN = DemoBusiness(
    legal_name="Green Mountain Mercantile, Inc.",
    trade_name="Green Mountain Mercantile",
    kind="retail_store",
    status="approved",
    group="regional-chains",
    ein="03-0000285",
    phone="+18025550117",
    website="https://greenmountainmercantile.example",
    people=(
        DemoPerson("tomas@greenmountainmercantile.example", "Tomas Leclair"),
        DemoPerson("buying@greenmountainmercantile.example", "Hannah Brook", "buyer"),
    ),
    addresses=(
        DemoAddress(
            "Warehouse", "Green Mountain Mercantile", "88 Pine Street", "Burlington", "VT", "05401", "Dock 2"
        ),
        DemoAddress("Stowe store", "Green Mountain Mercantile", "1204 Mountain Road", "Stowe", "VT", "05672"),
        DemoAddress("Hanover store", "Green Mountain Mercantile", "15 Main Street", "Hanover", "NH", "03755"),
    ),
    registered_days_ago=265,
    applied_days_ago=264,
    decided_days_ago=262,
    certificates=(DemoCertificate("S-3-220418", "VT", -262, None, "verified"),),
    staff_note="Seven stores. Wants pallets before noon; call the dock.",
)

SEAWALL_INN = DemoBusiness(
    legal_name="Seawall Lodging Group LLC",
    trade_name="The Seawall Inn",
    kind="hotel",
    status="approved",
    group="hospitality",
    ein="04-0000633",
    phone="+19785550163",
    website="https://seawallinn.example",
    people=(DemoPerson("housekeeping@seawallinn.example", "Marguerite Silva"),),
    addresses=(
        DemoAddress("Inn", "The Seawall Inn", "3 Granite Pier Road", "Rockport", "MA", "01966"),
        DemoAddress(
            "Office", "Seawall Lodging Group", "60 State Street", "Boston", "MA", "02109", "Floor 11"
        ),
    ),
    registered_days_ago=190,
    applied_days_ago=190,
    decided_days_ago=188,
    certificates=(DemoCertificate("ST4-558203", "MA", -540, -24, "verified"),),
    staff_note="Certificate ran out last month; told them they are taxed until the new one is in.",
)

COPPER_KETTLE = DemoBusiness(
    legal_name="Copper Kettle Hospitality LLC",
    trade_name="Copper Kettle Café",
    kind="restaurant",
    status="submitted",
    ein="05-0000924",
    phone="+14015550129",
    website="https://copperkettlecafe.example",
    people=(DemoPerson("ines@copperkettlecafe.example", "Ines Carvalho"),),
    addresses=(
        DemoAddress("Café", "Copper Kettle Café", "212 Wickenden Street", "Providence", "RI", "02903"),
    ),
    registered_days_ago=3,
    applied_days_ago=2,
    certificates=(DemoCertificate("RI-71-40028", "RI", -120, 610, "submitted"),),
)

LANTERN_AND_LOOM = DemoBusiness(
    legal_name="Lantern & Loom LLC",
    trade_name="Lantern & Loom",
    kind="online_store",
    status="draft",
    ein="",
    phone="+15185550148",
    website="https://lanternandloom.example",
    people=(DemoPerson("hello@lanternandloom.example", "Bea Lindqvist"),),
    addresses=(),
    registered_days_ago=1,
)

NORTHFIELD = DemoBusiness(
    legal_name="Northfield Provisions Company",
    trade_name="Northfield Provisions",
    kind="distributor",
    status="needs_information",
    ein="06-0000371",
    phone="+18605550151",
    website="https://northfieldprovisions.example",
    people=(DemoPerson("george@northfieldprovisions.example", "George Adeyemi"),),
    addresses=(
        DemoAddress(
            "Warehouse", "Northfield Provisions", "740 Silas Deane Highway", "Wethersfield", "CT", "06109"
        ),
    ),
    registered_days_ago=9,
    applied_days_ago=8,
    decided_days_ago=6,
    certificates=(DemoCertificate("CT-8820116", "CT", -900, 200, "submitted"),),
    review_note=(
        "The lower half of your certificate is cut off, so we cannot read the signature or the date. "
        "Please send a scan that shows the whole page."
    ),
    requested_fields=("certificate_file",),
)

BARGAIN_BARN = DemoBusiness(
    legal_name="Bargain Barn Liquidators, Inc.",
    trade_name="Bargain Barn",
    kind="distributor",
    status="rejected",
    ein="22-0000508",
    phone="+12015550186",
    website="https://bargainbarn.example",
    people=(DemoPerson("deals@bargainbarn.example", "Vince Morello"),),
    addresses=(DemoAddress("Outlet", "Bargain Barn", "1900 Route 17", "Paramus", "NJ", "07652"),),
    registered_days_ago=34,
    applied_days_ago=33,
    decided_days_ago=31,
    certificates=(DemoCertificate("NJ-0144-902", "NJ", -60, 300, "rejected"),),
    review_note=(
        "We do not supply liquidation and closeout outlets, because the makers we work with ask us not to. "
        "If you also run a regular shop, apply again with its name and address."
    ),
)

DRIFTWOOD_GIFTS = DemoBusiness(
    legal_name="Driftwood Gifts & Sundries LLC",
    trade_name="Driftwood Gifts",
    kind="retail_store",
    status="suspended",
    group="independent-shops",
    ein="01-0000792",
    phone="+12075550178",
    website="https://driftwoodgifts.example",
    people=(DemoPerson("carol@driftwoodgifts.example", "Carol Haskell"),),
    addresses=(DemoAddress("Shop", "Driftwood Gifts", "51 Cottage Street", "Bar Harbor", "ME", "04609"),),
    registered_days_ago=240,
    applied_days_ago=239,
    decided_days_ago=237,
    suspended_days_ago=20,
    certificates=(DemoCertificate("ME-1051980", "ME", -237, 90, "verified"),),
    review_note="Two payments were disputed in October. Call us and we will sort it out together.",
)

BUSINESSES = (
    BIRCH_AND_ANCHOR,
    GREEN_MOUNTAIN,
    SEAWALL_INN,
    COPPER_KETTLE,
    LANTERN_AND_LOOM,
    NORTHFIELD,
    BARGAIN_BARN,
    DRIFTWOOD_GIFTS,
)

PEOPLE = DemoPeople(STAFF, BUSINESSES, NEWCOMERS)
