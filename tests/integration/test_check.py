"""`flask check` against a real database, a mail server, a name server and the look-alike of Square."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.flags
import dns.message
import dns.resolver
import dns.rrset
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from werkzeug.serving import make_server

from app.accounts.permissions import Role
from app.extensions import db
from app.health_check.addresses import Arrival
from app.health_check.arrival import HEADER, check_own_address
from app.health_check.bucket import check_bucket, try_as_stranger
from app.health_check.check_here import check_here
from app.health_check.check_outside import (
    check_certificate,
    check_outside,
    check_sender,
    check_square,
    look_up,
    shake_hands,
)
from app.health_check.lines import Line, Verdict
from app.health_check.mail_server import Step
from app.outbox.heartbeat import beat
from app.settings import Settings
from app.shared import clock
from app.shared.signing import signer
from sandbox.square import SquareServer
from tests.client import ShopClient, read_html, read_text, sign_in
from tests.factories import make_shop, make_staff
from tests.mailbox import Mails
from tests.storing import S3Store, broken_store

TEN = timedelta(minutes=10)


@pytest.fixture
def settings(app: Flask) -> Settings:
    make_shop()
    found: Settings = app.extensions["settings"]
    return found


def lines_by_name(lines: list[Line]) -> dict[str, Line]:
    found = {line.name: line for line in lines}
    assert len(found) == len(lines)
    return found


def let_work_run() -> None:
    beat(clock.now(), standstill=TEN, quiet=TEN)


def test_everything_here_is_looked_at_and_only_what_is_wrong_is_bad(settings: Settings) -> None:
    found = lines_by_name(check_here(settings))
    bad = [name for name, line in found.items() if line.verdict is Verdict.BAD]
    assert bad == ["Background work"]
    let_work_run()
    found = lines_by_name(check_here(settings))
    assert found["Background work"].says == "It last ran just now."
    for name in ("Python", "Database driver", "Database", "Transactions", "Tables", "Disk", "Waiting work"):
        assert found[name].verdict is Verdict.GOOD, found[name]
    is_sqlite = db.engine.dialect.name == "sqlite"
    assert ("Clock against the database" in found) is not is_sqlite
    assert ("Clock" in found) is is_sqlite, (
        "whatever the database, a line says what the clock was compared with"
    )
    assert ("Text in the database" in found) is not is_sqlite


def test_proxies_are_judged_only_where_a_request_shows_them(settings: Settings) -> None:
    assert "Proxies in front" not in lines_by_name(check_here(settings))
    found = lines_by_name(check_here(settings, Arrival(1, "http", "localhost")))
    assert found["Proxies in front"].verdict is Verdict.BAD


def test_an_instance_folder_that_is_gone_is_a_line_and_no_crash(settings: Settings, tmp_path: Path) -> None:
    found = lines_by_name(check_here(replace(settings, instance_path=str(tmp_path / "gone"))))
    assert found["Folder instance"].verdict is Verdict.BAD


def test_a_redis_that_is_down_is_bad(settings: Settings) -> None:
    found = lines_by_name(check_here(replace(settings, redis_url="unix:///nowhere/redis.sock")))
    assert found["Redis"].verdict is Verdict.BAD


def test_the_command_tells_machines_the_same_and_fails_while_anything_is_bad(
    app: Flask, settings: Settings, square: SquareServer, mails: Mails
) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["check", "--here"]).exit_code == 1
    let_work_run()
    result = runner.invoke(args=["check", "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert told["counts"]["bad"] == 0
    assert {"Mail server", "Square: access token", "Square: location", "Clock against Square"} <= {
        line["name"] for line in told["lines"]
    }
    assert all(line["fix"] for line in told["lines"] if line["verdict"] != "good")
    plain = runner.invoke(args=["check"]).output
    assert "Square: location" in plain
    assert "0 bad" in plain
    assert mails.all() == []


def test_no_line_tells_a_secret(settings: Settings, square: SquareServer) -> None:
    told = repr([*check_here(settings), *check_outside(settings)])
    for secret in (
        settings.secret_key,
        settings.data_key,
        settings.square_access_token,
        settings.database_url,
    ):
        assert secret not in told


# --- Outside ------------------------------------------------------------------------------------------------------


def test_the_mail_server_is_greeted_and_no_mail_sent(settings: Settings, mails: Mails) -> None:
    found = shake_hands(settings)
    assert (found.step, found.trouble, found.signs_in) == (Step.DONE, "", False)
    assert mails.all() == []


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"mail_port": 1}, Step.CONNECT),
        ({"mail_use_tls": True}, Step.ENCRYPT),
        ({"mail_username": "shop", "mail_password": "wrong"}, Step.SIGN_IN),
    ],
)
def test_a_handshake_says_where_it_failed(settings: Settings, changes: dict[str, object], step: Step) -> None:
    found = shake_hands(replace(settings, **changes))  # type: ignore[arg-type]
    assert found.step is step
    assert found.trouble
    assert "shop" not in found.trouble


def test_squares_keys_are_told_apart(settings: Settings, square: SquareServer) -> None:
    right = lines_by_name(check_square(settings))
    assert right["Square: access token"].verdict is Verdict.GOOD
    assert right["Square: location"].verdict is Verdict.GOOD
    assert right["Clock against Square"].verdict is Verdict.GOOD
    wrong_key = lines_by_name(check_square(replace(settings, square_access_token="wrong")))
    assert wrong_key["Square: access token"].verdict is Verdict.BAD
    wrong_place = lines_by_name(check_square(replace(settings, square_location_id="ELSEWHERE")))
    assert settings.square_location_id in wrong_place["Square: location"].fix
    silent = lines_by_name(check_square(replace(settings, square_base_url="http://127.0.0.1:1")))
    assert silent["Square: access token"].verdict is Verdict.WARNING
    for found in (wrong_key, silent):
        assert "Could not be compared" in found["Clock against Square"].says


def test_a_shop_that_square_cannot_tell_anything_is_told_what_to_set(
    settings: Settings, square: SquareServer
) -> None:
    changed = replace(settings, square_webhook_signature_key="", square_webhook_url="")
    line = lines_by_name(check_square(changed))["Square: events"]
    assert line.verdict is Verdict.WARNING
    assert f"{settings.site_url}/webhooks/square" in line.fix


@contextmanager
def answering(app: Flask) -> Iterator[str]:
    """The shop behind a real port, as a web server has it; its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_the_command_asks_the_shop_s_own_address_how_visitors_arrive(app: Flask, settings: Settings) -> None:
    with answering(app) as address:
        asked = replace(settings, site_url=address)
        found = lines_by_name(check_own_address(asked))
        assert found["Asked as a visitor"].verdict is Verdict.GOOD
        assert found["Proxies in front"].verdict is Verdict.GOOD
        behind = lines_by_name(check_own_address(replace(asked, trusted_proxies=1)))
        assert behind["Proxies in front"].verdict is Verdict.BAD
        stranger = replace(asked, secret_key="the key of quite another shop", secret_key_old="")
        [other] = check_own_address(stranger)
        assert "not this shop" in other.says


def test_nobody_else_is_told_how_they_arrived(client: ShopClient, settings: Settings) -> None:
    stale = signer(settings.signing_keys, "how did this arrive").dumps(1)
    for question in ({}, {HEADER: "x"}, {HEADER: str(stale)}):
        assert client.get("/healthz", headers=question).get_json() == {"status": "alive"}


def test_an_address_where_nothing_answers_is_said_in_words_and_no_verdict(settings: Settings) -> None:
    [line] = check_own_address(replace(settings, site_url="http://127.0.0.1:1"))
    assert line.verdict is Verdict.WARNING
    assert "could not be asked from this machine" in line.says


def test_a_sender_of_nobodys_domain_is_not_looked_up() -> None:
    [line] = check_sender("The shop <shop@example.com>")
    assert "nobody's domain" in line.says


RECORDS = {
    ("mugs.shop.", "TXT"): ['"v=spf1 include:" "mail.example -all"', '"site=abc"'],
    ("_dmarc.mugs.shop.", "TXT"): ['"v=DMARC1; p=none"'],
    ("mugs.shop.", "MX"): ["20 second.mugs.shop.", "10 first.mugs.shop."],
}


def answer_one(query: dns.message.Message) -> dns.message.Message:
    response = dns.message.make_response(query)
    response.flags |= dns.flags.RA
    asked = query.question[0]
    kind = dns.rdatatype.to_text(asked.rdtype)
    found = RECORDS.get((str(asked.name), kind))
    if found:
        response.answer.append(dns.rrset.from_text(asked.name, 60, "IN", kind, *found))
    else:
        response.set_rcode(dns.rcode.NXDOMAIN)
    return response


@pytest.fixture
def resolver() -> Iterator[dns.resolver.Resolver]:
    """Asks a name server of this test's own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, sender = server.recvfrom(4096)
                if data == b"stop":
                    return
                server.sendto(answer_one(dns.message.from_wire(data)).to_wire(), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        asked = dns.resolver.Resolver(configure=False)
        asked.nameservers, asked.port = ["127.0.0.1"], server.getsockname()[1]
        yield asked
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
            stop.sendto(b"stop", server.getsockname())
        thread.join()


def test_records_are_read_as_a_name_server_tells_them(resolver: dns.resolver.Resolver) -> None:
    found = look_up("mugs.shop", resolver)
    assert sorted(found.texts or []) == ["site=abc", "v=spf1 include:mail.example -all"]
    assert found.dmarc_texts == ["v=DMARC1; p=none"]
    assert found.mail_servers == ["first.mugs.shop", "second.mugs.shop"]
    nothing = look_up("nothing.shop", resolver)
    assert (nothing.texts, nothing.dmarc_texts, nothing.mail_servers) == ([], [], [])


def test_a_name_server_that_is_silent_is_no_missing_record() -> None:
    deaf = dns.resolver.Resolver(configure=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        deaf.nameservers, deaf.port, deaf.lifetime = ["127.0.0.1"], server.getsockname()[1], 0.05
        found = look_up("mugs.shop", deaf)
    assert (found.texts, found.dmarc_texts, found.mail_servers) == (None, None, None)


@pytest.fixture
def self_signed(tmp_path: Path) -> Iterator[int]:
    """The port of a server that shows a certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=9)).sign(key, hashes.SHA256())
    )  # fmt: skip
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def shake_once() -> None:
            plain, _ = server.accept()
            with plain:
                try:
                    context.wrap_socket(plain, server_side=True).close()
                except (ssl.SSLError, OSError):
                    return  # the other side does not believe the certificate: that is the point

        thread = threading.Thread(target=shake_once)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_certificate_nobody_vouches_for_is_bad(self_signed: int) -> None:
    [line] = check_certificate(f"https://localhost:{self_signed}")
    assert line.verdict is Verdict.BAD


def test_a_certificate_that_cannot_be_seen_is_no_verdict() -> None:
    [line] = check_certificate("https://localhost:1")
    assert line.verdict is Verdict.WARNING
    assert check_certificate("http://localhost") == []


# --- The page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_the_worst_first_and_how_to_put_it_right(
    client: ShopClient, settings: Settings
) -> None:
    sign_in(client, make_staff(Role.SHOP_OWNER))
    page = read_html(client.get("/admin/check/", headers={"X-Forwarded-For": "203.0.113.9"}))
    verdicts = [each.get_text(strip=True) for each in page.select(".verdicts__verdict")]
    assert verdicts == sorted(verdicts, key=["Bad", "Warning", "Good"].index)
    assert "2 things to put right" in page.h1.get_text()  # type: ignore[union-attr]
    assert "flask jobs work" in page.get_text()
    assert "TRUSTED_PROXIES" in page.get_text()


def test_the_page_asks_outside_only_when_told_to(
    client: ShopClient, settings: Settings, square: SquareServer, mails: Mails
) -> None:
    sign_in(client, make_staff(Role.SHOP_OWNER))
    first = client.get("/admin/check/")
    assert "Square: location" not in read_text(first)
    [link] = [each for each in read_html(first).select("a") if "Also ask" in each.get_text()]
    assert "Square: location" in read_text(client.get(str(link["href"])))


def test_every_desk_says_when_the_background_last_ran_and_the_first_page_warns(
    client: ShopClient, settings: Settings
) -> None:
    sign_in(client, make_staff(Role.SUPPORT))
    page = client.get("/admin/")
    assert "Background work stands still" in read_text(page)
    assert not read_html(page).select("a[href='/admin/check/']")
    let_work_run()
    for address in ("/admin/", "/admin/orders/"):
        text = read_text(client.get(address))
        assert "Background work last ran just now." in text
        assert "stands still" not in text


def test_a_bucket_is_written_read_and_tried_as_a_stranger(settings: Settings, s3_server: S3Store) -> None:
    s3_server.empty()
    found = lines_by_name(check_bucket(replace(settings, **s3_server.settings())))
    assert found["Files in S3_BUCKET"].verdict is Verdict.GOOD
    assert found["Private papers in the store"].says == "A stranger is refused (403)."
    assert s3_server.names() == []


def test_papers_that_anybody_can_read_are_bad(settings: Settings) -> None:
    with broken_store("open") as store:
        line = try_as_stranger(replace(settings, s3_bucket="b", s3_endpoint=store.url), "check.txt")
    assert line.verdict is Verdict.BAD
    assert "Close the bucket" in line.fix


@pytest.mark.parametrize(("mood", "says"), [("refuses", "403 AccessDenied"), ("silent", "ReadTimeoutError")])
def test_a_bucket_that_cannot_be_used_is_bad_with_the_store_s_own_word(
    settings: Settings, mood: str, says: str
) -> None:
    with broken_store(mood) as store:
        changed = replace(
            settings,
            s3_bucket="b",
            s3_endpoint=store.url,
            s3_access_key="k",
            s3_secret_key="secret!",
            s3_timeout_seconds=1,
        )
        [line] = check_bucket(changed)
    assert line.verdict is Verdict.BAD
    assert says in line.says
    assert "secret!" not in line.says + line.fix


def test_files_left_in_the_folder_of_a_shop_with_a_bucket_are_named(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "uploads").mkdir()
    (tmp_path / "uploads" / "a.pdf").write_bytes(b"x")
    changed = replace(settings, instance_path=str(tmp_path), s3_bucket="b")
    found = lines_by_name(check_here(changed))
    assert found["Files in the instance folder"].verdict is Verdict.WARNING
    assert "Folder instance/uploads" not in found


def test_a_shop_with_a_folder_is_told_nothing_of_buckets(settings: Settings) -> None:
    assert check_bucket(settings) == []
