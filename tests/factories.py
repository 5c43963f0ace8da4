"""Rows for tests: whatever a test does not name is filled in sensibly. Each `make_…` commits what it made."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, TypeVar

from argon2 import PasswordHasher

from app.accounts.models import User, UserStatus
from app.accounts.permissions import Role
from app.businesses.models import Address, Business, CustomerGroup, ResaleCertificate
from app.businesses.status import BusinessKind, BusinessStatus, CertificateStatus
from app.carts.models import Cart, CartLine
from app.catalog.models import Category, Product, Sku, TaxClass
from app.contact.models import ContactMessage
from app.contact.status import MessageStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order, OrderLine
from app.orders.status import OrderStatus
from app.payments.models import Payment
from app.payments.status import LIVE, PaymentStatus
from app.pricing.models import PriceBreak, PriceList, TaxRate
from app.shared import clock
from app.shared.money import ZERO, Money
from app.shared.secret_box import secret_box
from app.shared.transaction import transaction
from app.shop.models import CaptureRule, ShippingKind, ShippingMethod, ShopFacts, TextPage

T = TypeVar("T")

PASSWORD = "correct horse battery staple"
# Hashed with the least work there is: a thousand users cost no time. Signing in may hash it again, properly.
_PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
_numbers = count(1)


def _save(row: T) -> T:
    with transaction():
        db.session.add(row)
    return row


# --- The shop ----------------------------------------------------------------------------------------------------


def make_shop(capture_rule: CaptureRule = CaptureRule.AT_ONCE, **facts: Any) -> ShopFacts:
    """The shop's one row, in Portland, Oregon (a state without sales tax)."""
    values: dict[str, Any] = {
        "id": 1,
        "name": "Harbor Supply",
        "tagline": "Wholesale for good shops",
        "email": "hello@shop.example",
        "staff_email": "staff@shop.example",
        "phone": "+15035550100",
        "line1": "1 Harbor Way",
        "city": "Portland",
        "state": "OR",
        "postal_code": "97201",
        "capture_rule": capture_rule,
    }
    return _save(ShopFacts(**values | facts))


def make_shipping_method(
    name: str = "Ground",
    *,
    price: Money = Money(1500),
    free_above: Money | None = None,
    kind: ShippingKind = ShippingKind.FLAT,
    **values: Any,
) -> ShippingMethod:
    code = values.pop("code", f"{name.lower()}-{next(_numbers)}")
    return _save(
        ShippingMethod(
            code=code, name=name, kind=kind, price_cents=price, free_above_cents=free_above, **values
        )
    )


def make_pickup() -> ShippingMethod:
    return make_shipping_method("Pickup", price=ZERO, kind=ShippingKind.PICKUP)


def make_text_page(slug: str = "terms", title: str = "Terms of sale", body: str = "Be kind.") -> TextPage:
    return _save(TextPage(slug=slug, title=title, body=body))


# --- People and businesses ---------------------------------------------------------------------------------------


def make_user(
    role: Role = Role.BUSINESS_OWNER,
    *,
    verified: bool = True,
    business: Business | None = None,
    status: UserStatus = UserStatus.ACTIVE,
    email: str = "",
    name: str = "Ada Palmer",
) -> User:
    """A person whose password is PASSWORD."""
    now = clock.now()
    return _save(
        User(
            email=email or f"person{next(_numbers)}@example.com",
            name=name,
            password_hash=_PASSWORD_HASH,
            role=role,
            status=status,
            business_id=business.id if business else None,
            email_verified_at=now if verified else None,
            created_at=now,
        )
    )


def make_staff(role: Role = Role.SHOP_OWNER) -> User:
    return make_user(role, email=f"{role.value}{next(_numbers)}@shop.example", name=f"{role.label} Smith")


def make_group(
    name: str = "",
    *,
    price_list: PriceList | None = None,
    first_order_minimum: Money = ZERO,
    reorder_minimum: Money = ZERO,
    **values: Any,
) -> CustomerGroup:
    return _save(
        CustomerGroup(
            name=name or f"Group {next(_numbers)}",
            price_list_id=price_list.id if price_list else None,
            first_order_minimum_cents=first_order_minimum,
            reorder_minimum_cents=reorder_minimum,
            **values,
        )
    )


def make_business(
    status: BusinessStatus = BusinessStatus.APPROVED,
    *,
    group: CustomerGroup | None = None,
    ein: str = "",
    **values: Any,
) -> Business:
    """A business with every fact given; only a draft comes without. `ein` is nine digits."""
    now = clock.now()
    number = next(_numbers)
    is_draft = status is BusinessStatus.DRAFT
    ein = ein or f"{120000000 + number}"
    facts: dict[str, Any] = {
        "legal_name": f"Palmer & Daughters {number} LLC",
        "created_at": now,
        "updated_at": now,
    }
    if not is_draft:
        facts |= {
            "trade_name": f"Palmer Goods {number}",
            "kind": BusinessKind.RETAIL_STORE,
            "ein_encrypted": secret_box.encrypt(ein),
            "ein_fingerprint": secret_box.fingerprint(ein),
            "ein_last4": ein[-4:],
            "phone": "+15035550123",
            "submitted_at": now,
        }
    if status in {BusinessStatus.APPROVED, BusinessStatus.REJECTED, BusinessStatus.SUSPENDED}:
        facts["decided_at"] = now
    if group is None and status in {BusinessStatus.APPROVED, BusinessStatus.SUSPENDED}:
        group = make_group()
    return _save(Business(status=status, group_id=group.id if group else None, **facts | values))


def make_buyer(business: Business | None = None, **user_facts: Any) -> User:
    """The owner of an approved business with an address to ship to; or of the business given, as it is."""
    if business is None:
        business = make_business()
        make_address(business)
    return make_user(business=business, **user_facts)


def make_address(
    business: Business, *, state: str = "CA", postal_code: str = "94110", **values: Any
) -> Address:
    facts: dict[str, Any] = {
        "recipient": business.display_name,
        "line1": "500 Valencia St",
        "city": "San Francisco",
        "is_main": True,
        "is_default_shipping": True,
        "is_default_billing": True,
        "created_at": clock.now(),
    }
    return _save(Address(business_id=business.id, state=state, postal_code=postal_code, **facts | values))


def make_certificate(
    business: Business,
    *,
    state: str = "CA",
    status: CertificateStatus = CertificateStatus.VERIFIED,
    issued_on: date | None = None,
    expires_on: date | None = None,
    **values: Any,
) -> ResaleCertificate:
    """A resale certificate issued a month ago that holds for another year."""
    now = clock.now()
    return _save(
        ResaleCertificate(
            business_id=business.id,
            state=state,
            status=status,
            number=values.pop("number", f"SR-{next(_numbers)}"),
            issued_on=issued_on or now.date() - timedelta(days=30),
            expires_on=expires_on or now.date() + timedelta(days=365),
            created_at=now,
            **values,
        )
    )


# --- What is sold ------------------------------------------------------------------------------------------------


def make_category(name: str = "", *, parent: Category | None = None, **values: Any) -> Category:
    number = next(_numbers)
    name = name or f"Category {number}"
    slug = values.pop("slug", f"category-{number}")
    return _save(Category(name=name, slug=slug, parent_id=parent.id if parent else None, **values))


def make_product(name: str = "", *, category: Category | None = None, **values: Any) -> Product:
    now = clock.now()
    number = next(_numbers)
    category = category or make_category()
    return _save(
        Product(
            category_id=category.id,
            name=name or f"Product {number}",
            slug=values.pop("slug", f"product-{number}"),
            created_at=now,
            updated_at=now,
            **values,
        )
    )


def make_sku(
    product: Product | None = None,
    *,
    price: Money = Money(1000),
    stock: int = 100,
    case_pack: int = 1,
    minimum: int = 1,
    tax_class: TaxClass = TaxClass.STANDARD,
    **values: Any,
) -> Sku:
    """What is bought, by default for $10.00, one by one, 100 in stock."""
    product = product or make_product()
    sku = _save(
        Sku(
            product_id=product.id,
            code=values.pop("code", f"SKU-{next(_numbers)}"),
            price_cents=price,
            case_pack=case_pack,
            minimum_quantity=minimum,
            tax_class=tax_class,
            **values,
        )
    )
    _save(Stock(sku_id=sku.id, available=stock, received=stock))
    return sku


def make_price_list(name: str = "", breaks: dict[Sku, dict[int, Money]] | None = None) -> PriceList:
    """A price list; `breaks` says, for each sku, what one unit costs from a quantity up."""
    price_list = _save(PriceList(name=name or f"List {next(_numbers)}"))
    for sku, prices in (breaks or {}).items():
        for minimum, price in prices.items():
            _save(
                PriceBreak(
                    price_list_id=price_list.id,
                    sku_id=sku.id,
                    minimum_quantity=minimum,
                    unit_price_cents=price,
                )
            )
    return price_list


def make_tax_rate(
    state: str = "CA", rate: str = "0.0725", *, postal_prefix: str = "", taxes_shipping: bool = False
) -> TaxRate:
    """`rate` as a decimal share: "0.0725" is 7.25 %."""
    name = f"{state} {postal_prefix}".strip()
    return _save(
        TaxRate(
            state=state,
            postal_prefix=postal_prefix,
            name=name,
            rate=Decimal(rate),
            is_shipping_taxable=taxes_shipping,
        )
    )


# --- Carts, orders, messages --------------------------------------------------------------------------------------


def make_cart(user: User, lines: dict[Sku, int] | None = None, **values: Any) -> Cart:
    """The user's open cart; `lines` says how many units of each sku."""
    now = clock.now()
    cart = _save(Cart(user_id=user.id, open_user_id=user.id, created_at=now, touched_at=now, **values))
    for sku, quantity in (lines or {}).items():
        _save(
            CartLine(
                cart_id=cart.id,
                sku_id=sku.id,
                quantity=quantity,
                seen_price_cents=sku.price_cents,
                added_at=now,
            )
        )
    return cart


def make_order(
    buyer: User,
    lines: dict[Sku, int] | None = None,
    *,
    status: OrderStatus = OrderStatus.PAYMENT_PENDING,
    **values: Any,
) -> Order:
    """An order as checkout leaves it, untaxed and shipped free, with its stock reserved while it is open."""
    number = next(_numbers)
    lines = lines or {make_sku(): 1}
    names = {product.id: product.name for product in db.session.scalars(db.select(Product))}
    subtotal = Money.total(sku.price_cents.times(quantity) for sku, quantity in lines.items())
    facts: dict[str, Any] = {
        "number": f"T-{number}",
        "checkout_token": f"token-{number}",
        "status": status,
        "business_id": buyer.business_id,
        "user_id": buyer.id,
        "business_name": "Palmer Goods",
        "buyer_name": buyer.name,
        "buyer_email": buyer.email,
        "shipping_code": "ground",
        "shipping_name": "Ground",
        "subtotal_cents": subtotal,
        "shipping_cents": ZERO,
        "tax_cents": ZERO,
        "shipping_tax_cents": ZERO,
        "total_cents": subtotal,
        "tax_reason": "Nothing in this order is taxable",
        "placed_at": clock.now(),
    }
    order = _save(Order(**facts | values))
    for position, (sku, quantity) in enumerate(lines.items()):
        _save(
            OrderLine(
                order_id=order.id,
                position=position,
                sku_id=sku.id,
                sku_code=sku.code,
                product_name=names[sku.product_id],
                quantity=quantity,
                ordered_quantity=quantity,
                unit_price_cents=sku.price_cents,
                line_total_cents=sku.price_cents.times(quantity),
                tax_cents=ZERO,
            )
        )
        _move_stock(sku, quantity, status)
    return order


def _move_stock(sku: Sku, quantity: int, status: OrderStatus) -> None:
    """Put the line's units where an order of this status has them."""
    if status in {OrderStatus.CANCELLED, OrderStatus.PAYMENT_FAILED}:
        return
    with transaction():
        stock = db.session.get_one(Stock, sku.id)
        stock.available -= quantity
        if status in {OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.RETURNED}:
            stock.shipped += quantity
        else:
            stock.reserved += quantity


def make_payment(
    order: Order,
    status: PaymentStatus = PaymentStatus.AUTHORIZED,
    *,
    provider_id: str | None = None,
    **values: Any,
) -> Payment:
    """A payment of the whole order. Square knows nothing of it unless `provider_id` is one of its own."""
    now = clock.now()
    number = next(_numbers)
    facts: dict[str, Any] = {
        "live_order_id": order.id if status in LIVE else None,
        "amount_cents": order.total_cents,
        "idempotency_key": f"key-{number}",
        "provider_payment_id": provider_id,
        "card_brand": "VISA",
        "card_last4": "1111",
        "created_at": now,
    }
    if status not in {PaymentStatus.CREATED, PaymentStatus.DECLINED, PaymentStatus.UNKNOWN}:
        facts |= {"authorized_at": now, "lapses_at": now + timedelta(days=7)}
    if status is PaymentStatus.CAPTURED:
        facts["captured_at"] = now
    return _save(Payment(order_id=order.id, status=status, **facts | values))


def make_message(
    status: MessageStatus = MessageStatus.NEW, *, user: User | None = None, **values: Any
) -> ContactMessage:
    facts: dict[str, Any] = {
        "name": user.name if user else "Grace Hill",
        "email": user.email if user else "grace@example.com",
        "topic": "Do you ship to Alaska?",
        "body": "We are a small shop in Juneau.",
        "user_id": user.id if user else None,
        "business_id": user.business_id if user else None,
        "created_at": clock.now(),
    }
    return _save(ContactMessage(status=status, **facts | values))
