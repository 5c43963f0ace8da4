"""The shop's own gateway, through the real Square SDK, against the look-alike: capture of less than was held."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask

from app.payments.gateway import Charge, HoldState, OutcomeUnknown, PaymentFacts
from app.payments.lowered import lowering_key
from app.payments.square_gateway import SquareGateway
from app.shared.money import Money
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from sandbox.square.faults import Fault
from tests.worlds import build_world, settings_for_tests


@pytest.fixture(scope="module")
def shop(
    tmp_path_factory: pytest.TempPathFactory, square_server_of_module: SquareServer, mail_catcher: MailCatcher
) -> Flask:
    """The gateway looks whether a transaction is open, so it needs the shop around it."""
    folder = tmp_path_factory.mktemp("lowering")
    address = f"sqlite:///{folder / 'shop.db'}"
    return build_world(settings_for_tests(address, folder, square_server_of_module, mail_catcher))


@pytest.fixture(scope="module")
def square_server_of_module() -> Iterator[SquareServer]:
    with SquareServer() as server:
        yield server


@pytest.fixture
def gateway(shop: Flask) -> Iterator[SquareGateway]:
    with shop.app_context():
        yield SquareGateway(shop.extensions["settings"])


def hold(gateway: SquareGateway, cents: int = 5000) -> PaymentFacts:
    key = str(uuid.uuid4())
    return gateway.authorize(Charge(source="cnon:card-nonce-ok", amount=Money(cents), key=key, reference=key))


def new_key() -> str:
    return str(uuid.uuid4())


def test_a_lowered_hold_is_captured_for_what_is_left(gateway: SquareGateway) -> None:
    held = hold(gateway)
    lowered = gateway.lower(held.provider_id, Money(4000), new_key(), held.version_token)
    assert (lowered.state, lowered.amount) == (HoldState.AUTHORIZED, Money(4000))
    assert lowered.version_token != held.version_token
    taken = gateway.capture(held.provider_id, lowered.version_token)
    assert (taken.state, taken.amount) == (HoldState.CAPTURED, Money(4000))


def test_the_same_key_lowers_once_and_gives_the_first_answer_again(gateway: SquareGateway) -> None:
    held, key = hold(gateway), new_key()
    first = gateway.lower(held.provider_id, Money(4000), key, held.version_token)
    assert gateway.lower(held.provider_id, Money(4000), key, held.version_token) == first
    assert gateway.get(held.provider_id).version_token == first.version_token


def test_an_answer_that_was_lost_is_asked_for_again_under_the_same_key(
    gateway: SquareGateway, square_server_of_module: SquareServer
) -> None:
    held = hold(gateway)
    key = lowering_key("a key", Money(4000), held.version_token)
    square_server_of_module.office.faults.add(
        Fault(call="payments.update", kind="500", moment="after", count=1)
    )
    with pytest.raises(OutcomeUnknown):
        gateway.lower(held.provider_id, Money(4000), key, held.version_token)
    assert gateway.get(held.provider_id).amount == Money(4000)
    assert gateway.lower(held.provider_id, Money(4000), key, held.version_token).amount == Money(4000)


def test_an_old_version_is_not_lowered(gateway: SquareGateway) -> None:
    held = hold(gateway)
    gateway.lower(held.provider_id, Money(4000), new_key(), held.version_token)
    with pytest.raises(OutcomeUnknown, match="VERSION_MISMATCH"):
        gateway.lower(held.provider_id, Money(3000), new_key(), held.version_token)
    assert gateway.get(held.provider_id).amount == Money(4000)


def test_an_old_version_is_not_captured(gateway: SquareGateway) -> None:
    held = hold(gateway)
    gateway.lower(held.provider_id, Money(4000), new_key(), held.version_token)
    with pytest.raises(OutcomeUnknown, match="VERSION_MISMATCH"):
        gateway.capture(held.provider_id, held.version_token)
    assert gateway.get(held.provider_id).state is HoldState.AUTHORIZED


def test_nothing_is_raised_above_what_was_authorized(gateway: SquareGateway) -> None:
    held = hold(gateway)
    with pytest.raises(OutcomeUnknown):
        gateway.lower(held.provider_id, Money(5001), new_key(), held.version_token)
    assert gateway.get(held.provider_id).amount == Money(5000)


def test_what_was_taken_or_let_go_is_not_lowered(gateway: SquareGateway) -> None:
    taken, gone = hold(gateway), hold(gateway)
    gateway.capture(taken.provider_id)
    gateway.void(gone.provider_id)
    for ended in (taken, gone):
        now = gateway.get(ended.provider_id)
        with pytest.raises(OutcomeUnknown):
            gateway.lower(ended.provider_id, Money(100), new_key(), now.version_token)
        assert gateway.get(ended.provider_id).amount == Money(5000)


def test_the_key_of_lowering_is_the_same_after_a_crash_and_another_for_anything_else() -> None:
    key = lowering_key("payment", Money(4000), "version")
    assert key == lowering_key("payment", Money(4000), "version")
    others = {
        lowering_key("another", Money(4000), "version"),
        lowering_key("payment", Money(3999), "version"),
        lowering_key("payment", Money(4000), "later"),
    }
    assert key not in others
    assert len(others) == 3
    assert len(key) == 36
