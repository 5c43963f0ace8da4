"""The demo shop in a real database: whole, adding up, and the same after a second seeding."""

from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User, UserStatus
from app.accounts.passwords import is_password
from app.accounts.permissions import Role
from app.accounts.queries import find_user_by_email
from app.businesses.models import Business, CustomerGroup, ResaleCertificate, Upload
from app.businesses.status import BusinessStatus
from app.catalog.models import Category, Product, ProductImage, Sku
from app.contact.models import ContactMessage
from app.contact.status import MessageStatus
from app.extensions import db
from app.inventory.models import Stock
from app.orders.models import Order
from app.orders.status import OrderStatus
from app.outbox.models import OutboxRow
from app.payments.gateway import HoldState, PaymentGateway
from app.payments.models import Payment, Refund
from app.payments.providers import get_gateway
from app.payments.status import PaymentStatus
from app.pricing.models import PriceBreak
from app.shared import clock
from app.shared.history import HistoryEntry, list_history
from app.shared.money import Money
from app.shared.secret_box import secret_box
from sandbox.demo.catalogue import load_catalogue
from sandbox.demo.people import BIRCH_AND_ANCHOR, DEMO_PASSWORD
from sandbox.demo.seed import Seeded, seed_demo
from sandbox.demo.seed_pictures import list_drawings, seed_pictures
from sandbox.demo.seed_shop import NotADemoDatabase
from sandbox.square import SquareServer
from tests.factories import make_shop

TABLES = (
    Category,
    Product,
    Sku,
    Stock,
    PriceBreak,
    User,
    Business,
    Upload,
    Order,
    Payment,
    ContactMessage,
    HistoryEntry,
)


def _seed(instance: Path, gateway: PaymentGateway | None = None, now: datetime | None = None) -> Seeded:
    return seed_demo(
        now=now or clock.now(),
        uploads=instance / "uploads",
        media=instance / "media",
        gateway=gateway,
        pictures="none",
        is_quiet=True,
    )


def _count_rows() -> dict[str, int]:
    return {table.__tablename__: db.session.query(table).count() for table in TABLES}


def test_one_order_and_one_business_stand_in_every_status(app: Flask, instance: Path) -> None:
    _seed(instance)
    orders = Counter(order.status for order in db.session.scalars(db.select(Order)))
    assert set(orders) == set(OrderStatus)
    assert orders.total() == 40
    assert {business.status for business in db.session.scalars(db.select(Business))} == set(BusinessStatus)
    assert {message.status for message in db.session.scalars(db.select(ContactMessage))} == set(MessageStatus)


def test_the_catalogue_is_120_products_in_12_categories_for_3_groups(app: Flask, instance: Path) -> None:
    _seed(instance)
    assert db.session.query(Product).count() == 120
    assert db.session.query(Category).filter(Category.parent_id.is_not(None)).count() == 12
    assert db.session.query(CustomerGroup).count() == 3
    assert db.session.query(PriceBreak).count() == len(load_catalogue().prices)


def test_a_second_seeding_changes_nothing(app: Flask, instance: Path) -> None:
    first = _seed(instance)
    before = _count_rows()
    db.session.rollback()
    second = _seed(instance)
    assert first.added["orders"] == 40
    assert second.is_nothing_new
    assert _count_rows() == before


def test_what_staff_changed_stays(app: Flask, instance: Path) -> None:
    _seed(instance)
    business = db.session.scalars(db.select(Business).filter_by(status=BusinessStatus.SUSPENDED)).one()
    owner = find_user_by_email("owner@harborandpine.example")
    assert owner is not None
    business.move_to(BusinessStatus.APPROVED, actor=owner.as_actor, at=clock.now())
    product = db.session.scalars(db.select(Product).filter_by(slug="harbor-mug")).one()
    product.name = "Harbor Mug, large"
    db.session.flush()
    db.session.commit()
    assert _seed(instance).is_nothing_new
    assert db.session.get_one(Business, business.id).status is BusinessStatus.APPROVED
    assert db.session.get_one(Product, product.id).name == "Harbor Mug, large"


def test_stock_adds_up_and_the_shelf_shows_what_the_catalogue_says(app: Flask, instance: Path) -> None:
    _seed(instance)
    on_shelf = {sku.code: sku.stock for product in load_catalogue().products for sku in product.skus}
    moved = Counter[str]()
    for sku, stock in db.session.execute(db.select(Sku, Stock).join(Stock, Stock.sku_id == Sku.id)):
        assert stock.available == on_shelf[sku.code], sku.code
        assert stock.available + stock.reserved + stock.shipped == stock.received, sku.code
        moved.update(reserved=stock.reserved, shipped=stock.shipped)
    assert moved["reserved"] > 0
    assert moved["shipped"] > 0


def test_another_shops_database_is_left_alone(app: Flask, instance: Path) -> None:
    make_shop(name="Somebody Else's Shop")
    with pytest.raises(NotADemoDatabase, match="Somebody Else's Shop"):
        _seed(instance)
    assert db.session.query(Product).count() == 0


def test_the_demo_buyer_can_sign_in_and_has_a_cart(app: Flask, instance: Path) -> None:
    _seed(instance)
    nora = find_user_by_email(BIRCH_AND_ANCHOR.people[0].email)
    assert nora is not None
    assert is_password(DEMO_PASSWORD, nora.password_hash)
    assert nora.is_verified
    assert {user.role for user in db.session.scalars(db.select(User))} == set(Role)
    assert {user.status for user in db.session.scalars(db.select(User))} == set(UserStatus)


def test_every_order_was_priced_by_the_rules_and_its_history_leads_to_where_it_stands(
    app: Flask, instance: Path
) -> None:
    _seed(instance)
    reasons = set()
    for order in db.session.scalars(db.select(Order)):
        entries = list_history("order", order.id)
        moments = [entry.at for entry in entries]
        assert entries[0].event == "placed"
        assert entries[-1].to_status == order.status.value, order.number
        assert moments == sorted(moments), order.number
        assert moments[-1] <= clock.now(), order.number
        reasons.add(order.tax_reason.split(":")[0])
    assert reasons == {"Exempt", "Taxed"}


def test_nothing_is_mailed_or_charged_for_made_up_orders(app: Flask, instance: Path) -> None:
    _seed(instance)
    assert db.session.query(OutboxRow).count() == 0


def test_the_look_alike_knows_every_payment_as_the_shop_does(
    app: Flask, instance: Path, square: SquareServer
) -> None:
    gateway = get_gateway()
    assert _seed(instance, gateway).asked_bank
    expected = {
        PaymentStatus.AUTHORIZED: HoldState.AUTHORIZED,
        PaymentStatus.CAPTURED: HoldState.CAPTURED,
        PaymentStatus.VOIDED: HoldState.VOIDED,
        PaymentStatus.LAPSED: HoldState.VOIDED,
    }
    held = [
        (payment.provider_payment_id, expected[payment.status], payment.amount_cents)
        for payment in db.session.scalars(db.select(Payment).where(Payment.provider_payment_id.is_not(None)))
    ]
    db.session.rollback()
    assert len(held) >= 35
    for provider_id, state, amount in held:
        known = gateway.get(provider_id)
        assert (known.state, known.amount) == (state, amount)


def test_refunds_give_back_what_their_payment_carried(app: Flask, instance: Path) -> None:
    _seed(instance)
    refunds = list(db.session.scalars(db.select(Refund)))
    assert len(refunds) == 3
    for refund in refunds:
        assert refund.amount_cents == db.session.get_one(Payment, refund.payment_id).amount_cents > Money(0)


def test_papers_are_files_outside_the_web_root_and_tax_numbers_are_encrypted(
    app: Flask, instance: Path
) -> None:
    _seed(instance)
    for upload in db.session.scalars(db.select(Upload)):
        assert (instance / "uploads" / upload.stored_name).read_bytes().startswith(b"%PDF-")
    birch = db.session.scalars(db.select(Business).filter_by(legal_name="Birch & Anchor LLC")).one()
    assert secret_box.decrypt(birch.ein_encrypted) == "010000417"
    assert "0417" in birch.ein_masked
    assert db.session.query(ResaleCertificate).count() == 7


def test_a_drawn_picture_is_stored_at_every_width_for_its_product_and_its_color(
    app: Flask, instance: Path
) -> None:
    _seed(instance)
    mugs = [drawing for drawing in list_drawings("all") if drawing.slug == "harbor-mug"][:2]
    ticks: list[int] = []
    assert seed_pictures(mugs, instance / "media", lambda: ticks.append(1)) == 2
    assert seed_pictures(mugs, instance / "media", lambda: ticks.append(1)) == 0
    assert len(ticks) == 2
    own, of_navy = db.session.scalars(db.select(ProductImage).order_by(ProductImage.position))
    assert (own.sku_id, own.alt) == (None, "Harbor Mug, Fog")
    assert db.session.get_one(Sku, of_navy.sku_id).options == {"Glaze": "Navy"}
    for width in own.widths:
        assert (instance / "media" / f"{own.stored_name}-{width}.webp").stat().st_size > 500
