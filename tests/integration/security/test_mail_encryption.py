"""The mail server's password goes to the mail server alone: its certificate is looked at before anything is said."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from app.health_check.check_outside import shake_hands
from app.health_check.lines import Verdict
from app.health_check.mail_server import Step, judge_mail_server
from app.mail.message import Message
from app.mail.send import MailServerDown, send, tls_context
from app.settings import Settings
from app.shared import clock

MAIL = Message("Hello", "ada@example.com", "Hello", "<p>Hello</p>")
# A name for this machine that the shop does not know as such.
OTHER_NAME = "127.1"


class Box:
    def __init__(self) -> None:
        self.taken = 0

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:  # noqa: N802
        self.taken += 1
        return "250 Taken"


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """One nobody has signed but itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.example")])
    now = clock.now()
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number())
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    signed = made.sign(key, hashes.SHA256())
    key_form = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, *key_form))
    (folder / "certificate.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    return folder / "certificate.pem", folder / "key.pem"


@pytest.fixture
def mail_server(tmp_path: Path) -> Iterator[tuple[Box, int]]:
    """A mail server with STARTTLS whose certificate nobody vouches for."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*make_certificate(tmp_path))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=port, tls_context=context, require_starttls=True)
    server.start()
    yield box, port
    server.stop()


def deliver(app: Flask, port: int, **changes: object) -> None:
    settings: Settings = app.extensions["settings"]
    changed = replace(settings, mail_server=OTHER_NAME, mail_port=port, mail_use_tls=True, **changes)
    mail = app.extensions["mail"]
    before = mail.server, mail.port, mail.use_tls
    app.extensions["settings"], (mail.server, mail.port, mail.use_tls) = changed, (OTHER_NAME, port, True)
    try:
        send(MAIL, shop_name="Harbor Supply")
    finally:
        app.extensions["settings"], (mail.server, mail.port, mail.use_tls) = settings, before


def test_a_mail_server_nobody_vouches_for_gets_no_mail_and_no_password(
    app: Flask, mail_server: tuple[Box, int]
):
    box, port = mail_server
    with pytest.raises(MailServerDown, match="SSLCertVerificationError"):
        deliver(app, port)
    assert box.taken == 0


def test_the_check_tells_such_a_server_no_password_and_calls_it_no_good_one(
    app: Flask, mail_server: tuple[Box, int]
):
    settings: Settings = app.extensions["settings"]
    asked = replace(
        settings, mail_server=OTHER_NAME, mail_port=mail_server[1], mail_use_tls=True,
        mail_username="shop", mail_password="lanterns over the pier",
    )  # fmt: skip
    found = shake_hands(asked)
    assert (found.step, found.is_distrusted, found.is_encrypted) == (Step.ENCRYPT, True, False)
    assert judge_mail_server(found).verdict is Verdict.BAD
    taken_as_it_is = shake_hands(replace(asked, mail_verify_certificate=False, mail_username=""))
    assert (taken_as_it_is.step, taken_as_it_is.is_encrypted) == (Step.DONE, True)


def test_an_owner_may_take_a_server_of_their_own_as_it_is(app: Flask, mail_server: tuple[Box, int]):
    box, port = mail_server
    deliver(app, port, mail_verify_certificate=False)
    assert box.taken == 1


def test_on_this_very_machine_any_certificate_will_do(app: Flask):
    settings: Settings = app.extensions["settings"]
    here = tls_context(replace(settings, mail_server="localhost"))
    there = tls_context(replace(settings, mail_server="mail.example"))
    assert (here.verify_mode, there.verify_mode) == (ssl.CERT_NONE, ssl.CERT_REQUIRED)
    assert there.check_hostname
