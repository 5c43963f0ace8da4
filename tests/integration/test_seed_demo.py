"""The demo shop in a real database: whole, adding up, and the same after a second seeding."""

from collections import Counter
from pathlib import Path

import pytest
from flask import Flask

from app.accounts.models import User, UserStatus
from app.accounts.passwords import is_password
from app.accounts.permissions import Role
from app.accounts.queries import find_user_by_email
from app.businesses.models import Business, CustomerGroup, ResaleCertificate, Upload
from app.businesses.status import BusinessStatus
from app.businesses.suspend_business import reactivate_business
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
from app.shared.secret_box import secret_box
from app.shared.transaction import transaction
from app.storage.shelves import get_shelves
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


def _seed(instance: Path, gateway: PaymentGateway | None = None) -> Seeded:
    return seed_demo(
        now=clock.now(),
        shelves=get_shelves(),
        gateway=gateway,
        pictures="none",
        is_quiet=True,
    )


def _count_rows() -> dict[str, int]:
    return {table.__tablename__: db.session.query(table).count() for table in TABLES}


def test_the_demo_shop_has_everything_in_every_state(app: Flask, instance: Path) -> None:
    assert _seed(instance).added["orders"] == 40
    assert {order.status for order in db.session.scalars(db.select(Order))} == set(OrderStatus)
    assert {business.status for business in db.session.scalars(db.select(Business))} == set(BusinessStatus)
    assert {message.status for message in db.session.scalars(db.select(ContactMessage))} == set(MessageStatus)
    people = list(db.session.scalars(db.select(User)))
    assert {person.role for person in people} == set(Role)
    assert {person.status for person in people} == set(UserStatus)
    counts = _count_rows()
    assert (counts["products"], counts["businesses"], counts["orders"]) == (120, 8, 40)
    assert counts["price_breaks"] == len(load_catalogue().prices)
    assert db.session.query(Category).filter(Category.parent_id.is_not(None)).count() == 12
    assert db.session.query(CustomerGroup).count() == 3
    assert db.session.query(OutboxRow).count() == 0, "nothing is mailed or charged for made-up orders"


def test_a_second_seeding_changes_nothing_and_keeps_what_staff_changed(app: Flask, instance: Path) -> None:
    _seed(instance)
    before = _count_rows()
    owner = find_user_by_email("owner@harborandpine.example")
    suspended = db.session.scalars(db.select(Business.id).filter_by(status=BusinessStatus.SUSPENDED)).one()
    assert owner is not None
    reactivate_business(suspended, actor=owner.as_actor, now=clock.now())
    with transaction():
        product = db.session.scalars(db.select(Product).filter_by(slug="harbor-mug")).one()
        product.name = "Harbor Mug, large"
    assert _seed(instance).is_nothing_new
    assert _count_rows() == before | {"history": before["history"] + 1}
    assert db.session.get_one(Business, suspended).status is BusinessStatus.APPROVED
    assert db.session.get_one(Product, product.id).name == "Harbor Mug, large"


def test_another_shops_database_is_left_alone(app: Flask, instance: Path) -> None:
    make_shop(name="Somebody Else's Shop")
    with pytest.raises(NotADemoDatabase, match="Somebody Else's Shop"):
        _seed(instance)
    assert db.session.query(Product).count() == 0


def test_stock_history_and_refunds_add_up(app: Flask, instance: Path) -> None:
    _seed(instance)
    on_shelf = {sku.code: sku.stock for product in load_catalogue().products for sku in product.skus}
    moved = Counter[str]()
    for sku, stock in db.session.execute(db.select(Sku, Stock).join(Stock, Stock.sku_id == Sku.id)):
        assert stock.available == on_shelf[sku.code], sku.code
        assert stock.available + stock.reserved + stock.shipped == stock.received, sku.code
        moved.update(reserved=stock.reserved, shipped=stock.shipped)
    assert min(moved["reserved"], moved["shipped"]) > 0
    for order in db.session.scalars(db.select(Order)):
        entries = list_history("order", order.id)
        moments = [entry.at for entry in entries]
        last = [entry.to_status for entry in entries if entry.to_status][-1]
        assert (entries[0].event, last) == ("placed", order.status.value), order.number
        assert moments == sorted(moments), order.number
        assert moments[-1] <= clock.now(), order.number
    reasons = db.session.scalars(db.select(Order.tax_reason))
    assert {reason.split(":")[0] for reason in reasons} == {"Exempt", "Taxed"}
    refunds = list(db.session.scalars(db.select(Refund)))
    assert len(refunds) == 3
    for refund in refunds:
        assert refund.amount_cents == db.session.get_one(Payment, refund.payment_id).amount_cents


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
        for payment in db.session.scalars(
            db.select(Payment).where(Payment.provider_payment_id.is_not(None), Payment.provider == "square")
        )
    ]
    db.session.rollback()
    assert len(held) >= 27
    for provider_id, state, amount in held:
        known = gateway.get(provider_id)
        assert (known.state, known.amount) == (state, amount)


def test_people_can_sign_in_and_their_papers_and_pictures_are_files(app: Flask, instance: Path) -> None:
    _seed(instance)
    nora = find_user_by_email(BIRCH_AND_ANCHOR.people[0].email)
    assert nora is not None
    assert nora.is_verified
    assert is_password(DEMO_PASSWORD, nora.password_hash)
    birch = db.session.get_one(Business, nora.business_id)
    assert secret_box.decrypt(birch.ein_encrypted) == "010000417"
    for upload in db.session.scalars(db.select(Upload)):
        assert (instance / "uploads" / upload.stored_name).read_bytes().startswith(b"%PDF-")
    assert db.session.query(ResaleCertificate).count() == 7
    mugs = [drawing for drawing in list_drawings("all") if drawing.slug == "harbor-mug"][:2]
    ticks: list[int] = []
    assert seed_pictures(mugs, get_shelves().pictures, lambda: ticks.append(1)) == 2
    assert seed_pictures(mugs, get_shelves().pictures, lambda: ticks.append(1)) == 0
    assert len(ticks) == 2
    own, of_navy = db.session.scalars(db.select(ProductImage).order_by(ProductImage.position))
    assert (own.sku_id, own.alt) == (None, "Harbor Mug, Fog")
    assert db.session.get_one(Sku, of_navy.sku_id).options == {"Glaze": "Navy"}
    for width in own.widths:
        assert (instance / "media" / f"{own.stored_name}-{width}.webp").stat().st_size > 500
