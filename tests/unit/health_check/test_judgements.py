"""Each rule of the check: what is good, what wants a look, what must be put right, and that it always says how."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.health_check import addresses, folders, keys, mail_server, sender_domain, software, square_keys, work
from app.health_check.lines import Line, Verdict, count_verdicts, span
from app.health_check.mail_server import MailHandshake, Step
from app.health_check.sender_domain import Records
from app.payments.gateway import Place

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
GB = 1024**3
GOOD, WARNING, BAD = Verdict.GOOD, Verdict.WARNING, Verdict.BAD
HOME = "https://shop.example.com"
RANDOM = "q8Vn2-Lr7XtWc0ZyKp4fUe9sGh1mJb6D"


def ago_of(**length: float) -> datetime:
    return NOW - timedelta(**length)


def arrival(forwarded: int, scheme: str = "https", host: str = "shop.example.com") -> addresses.Arrival:
    return addresses.Arrival(forwarded, scheme, host)


def handshake(**values: object) -> MailHandshake:
    return MailHandshake(**{"server": "mail.example.net", "port": 587, "step": Step.DONE, **values})  # type: ignore[arg-type]


SOFTWARE = [
    (software.judge_python((3, 11, 2)), GOOD, "3.11.2"),
    (software.judge_python((3, 10, 9)), BAD, "3.10.9"),
    (software.judge_driver("pymysql"), GOOD, "PyMySQL"),
    (software.judge_driver("psycopg"), WARNING, "psycopg"),
    (software.judge_database("mariadb", "10.6.0-MariaDB"), GOOD, "MariaDB 10.6.0"),
    (software.judge_database("mariadb", "10.5.26-MariaDB"), BAD, "10.5.26"),
    (software.judge_database("mysql", "8.0.16"), GOOD, "MySQL 8.0.16"),
    (software.judge_database("mysql", "8.0.15-log"), BAD, "8.0.15"),
    (software.judge_database("mysql", "who knows"), BAD, "MySQL"),
    (software.judge_database("sqlite", "3.40.1"), GOOD, "SQLite 3.40.1"),
    (software.judge_charset("utf8mb4", "utf8mb4"), GOOD, "utf8mb4"),
    (software.judge_charset("utf8mb4", "latin1"), WARNING, "latin1"),
    (software.judge_charset("utf8mb3", "utf8mb4"), BAD, "utf8mb3"),
    (software.judge_isolation("mysql", "READ COMMITTED"), GOOD, "Read committed"),
    (software.judge_isolation("mariadb", "REPEATABLE READ"), BAD, "Repeatable read"),
    (software.judge_isolation("sqlite", "SERIALIZABLE"), GOOD, "Serializable"),
    (software.judge_migrations({"b"}, {"b"}), GOOD, "As this version"),
    (software.judge_migrations({"a"}, {"b"}), BAD, "Not as this version"),
]
KEYS = [
    (keys.judge_key("SECRET_KEY", RANDOM), GOOD, "32 characters"),
    (keys.judge_key("SECRET_KEY", "ab" * 40), BAD, "too much alike"),
    (keys.judge_key("DATA_KEY", "a secret key that is long enough for it"), WARNING, "typed by a person"),
    (keys.judge_keys_differ(RANDOM, RANDOM[::-1]), GOOD, "differ"),
    (keys.judge_keys_differ(RANDOM, RANDOM), BAD, "the same"),
]
FOLDERS = [
    (folders.judge_folder(folders.Folder("instance", True, True, 0o750)), GOOD, "mode 750"),
    (folders.judge_folder(folders.Folder("instance", True, True, 0o755)), WARNING, "look into it"),
    (folders.judge_folder(folders.Folder("media", True, True, 0o755, is_private=False)), GOOD, "mode 755"),
    (folders.judge_left_behind(12)[0], WARNING, "12 in instance/uploads"),
    (folders.judge_folder(folders.Folder("media", True, True, 0o777, is_private=False)), BAD, "write in it"),
    (folders.judge_folder(folders.Folder("instance", True, False)), BAD, "cannot write"),
    (folders.judge_folder(folders.Folder("instance", False, False)), BAD, "not there"),
    (folders.judge_settings_file(None), GOOD, "environment"),
    (folders.judge_settings_file(0o600), GOOD, "Mode 600"),
    (folders.judge_settings_file(0o644), BAD, "others may read"),
    (folders.judge_disk(50 * GB, 100 * GB), GOOD, "51,200 MB"),
    (folders.judge_disk(4 * GB, 20 * GB), GOOD, "free"),
    (folders.judge_disk(4 * GB, 100 * GB), WARNING, "free"),
    (folders.judge_disk(GB // 4, 1 * GB), BAD, "256 MB"),
]
ADDRESSES = [
    (addresses.judge_https(HOME), GOOD, "encrypted"),
    (addresses.judge_https("http://localhost:8000"), WARNING, "trying"),
    (addresses.judge_https("http://shop.example.com"), BAD, "travel open"),
    (addresses.judge_certificate(60, ""), GOOD, "60 days"),
    (addresses.judge_certificate(13, ""), WARNING, "13 days"),
    (addresses.judge_certificate(None, ""), BAD, "not for this address"),
    (addresses.judge_certificate(None, "no answer"), WARNING, "Could not look"),
    (addresses.judge_proxies(0, HOME, arrival(0)), GOOD, "None"),
    (addresses.judge_proxies(1, HOME, arrival(1)), GOOD, "1 believed"),
    (addresses.judge_proxies(1, HOME, arrival(2)), GOOD, "1 believed"),
    (addresses.judge_proxies(0, HOME, arrival(1)), BAD, "not believed"),
    (addresses.judge_proxies(2, HOME, arrival(1)), BAD, "pose as any address"),
    (addresses.judge_proxies(1, HOME, arrival(1, "http")), BAD, "came as http"),
    (addresses.judge_proxies(1, HOME, arrival(1, host="10.0.0.5:8000")), WARNING, "10.0.0.5:8000"),
]
NONE, TEN = timedelta(0), timedelta(minutes=10)
VISITS = [
    (addresses.judge_visit(1, HOME, visit)[0], verdict, words)
    for visit, verdict, words in (
        (addresses.Visit(arrival=arrival(1)), GOOD, "leads here"),
        (addresses.Visit(leads_to="https://www.example.com"), BAD, "on to https://www.example.com"),
        (addresses.Visit(), BAD, "not this shop"),
        (
            addresses.Visit(trouble="no answer (ConnectError)"),
            WARNING,
            "could not be asked from this machine",
        ),
    )
]
EVENTS = [
    (square_keys.judge_events(HOME, f"{HOME}/webhooks/square", has_key=True), GOOD, "taken at"),
    (square_keys.judge_events(HOME, "", has_key=False), WARNING, "SQUARE_WEBHOOK_URL are not set"),
    (square_keys.judge_events(HOME, "", has_key=True), WARNING, "for SQUARE_WEBHOOK_URL is not set"),
    (square_keys.judge_events(HOME, f"{HOME}/square", has_key=True), WARNING, "the shop takes them at"),
]
WORK = [
    (work.judge_heartbeat(ago_of(minutes=2), now=NOW, standstill=TEN, jobs="rq"), GOOD, "last ran 2 min ago"),
    (work.judge_heartbeat(ago_of(minutes=10), now=NOW, standstill=TEN, jobs="rq"), GOOD, "10 min ago"),
    (work.judge_heartbeat(ago_of(minutes=11), now=NOW, standstill=TEN, jobs="rq"), BAD, "stands still"),
    (work.judge_heartbeat(None, now=NOW, standstill=TEN, jobs="drain"), BAD, "never run"),
    (work.judge_wait(NONE, untaken=NONE, late=TEN), GOOD, "Nothing waits"),
    (work.judge_wait(TEN * 0.6, untaken=TEN * 0.6, late=TEN), WARNING, "6 min"),
    (work.judge_wait(TEN * 1.1, untaken=TEN * 1.1, late=TEN), BAD, "11 min"),
    (work.judge_wait(TEN, untaken=NONE, late=TEN), GOOD, "10 min behind"),
    (work.judge_wait(TEN * 3, untaken=TEN * 0.4, late=TEN), WARNING, "does not get through"),
    (work.judge_dead(0), GOOD, "None"),
    (work.judge_dead(1), WARNING, "One needs"),
    (work.judge_dead(12), WARNING, "12 need"),
    (work.judge_circuits([], NOW), GOOD, "None"),
    (
        work.judge_circuits([("square", ago_of(minutes=3)), ("mail", None)], NOW),
        WARNING,
        "square (for 3 min), mail",
    ),
    (work.judge_clock("Square", timedelta(seconds=-3)), GOOD, "agree"),
    (work.judge_clock("Square", timedelta(seconds=20)), WARNING, "20 s ahead"),
    (work.judge_clock("Square", timedelta(hours=-1)), BAD, "60 min behind"),
    (work.judge_no_clock("Square", "no answer"), WARNING, "no answer"),
    (work.judge_clock_alone(None, NOW), GOOD, "Nothing here to compare it with"),
    (work.judge_clock_alone(ago_of(minutes=1), NOW), GOOD, "not gone back"),
    (work.judge_clock_alone(ago_of(seconds=-20), NOW), WARNING, "20 s from now"),
    (work.judge_clock_alone(ago_of(hours=-3), NOW), BAD, "3 h from now"),
]
MAIL = [
    (
        mail_server.judge_mail_server(handshake(is_encrypted=True, signs_in=True)),
        GOOD,
        "encrypted, signed in",
    ),
    (mail_server.judge_mail_server(handshake(signs_in=True)), BAD, "password travels open"),
    (mail_server.judge_mail_server(handshake(offers_encryption=True)), WARNING, "unencrypted"),
    (mail_server.judge_mail_server(handshake(server="localhost", offers_encryption=True)), GOOD, "localhost"),
    (
        mail_server.judge_mail_server(handshake(step=Step.CONNECT, trouble="no answer")),
        BAD,
        "Connecting failed",
    ),
    (
        mail_server.judge_mail_server(handshake(step=Step.ENCRYPT, trouble="no", is_distrusted=True)),
        BAD,
        "no password was sent",
    ),
    (mail_server.judge_mail_server(handshake(step=Step.SIGN_IN, trouble="it answered 535.")), BAD, "535"),
]


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [*SOFTWARE, *KEYS, *FOLDERS, *ADDRESSES, *VISITS, *EVENTS, *WORK, *MAIL],
    ids=str,
)
def test_a_rule_judges_says_why_and_names_the_way_out(line: Line, verdict: Verdict, words: str):
    assert line.verdict is verdict
    assert words in line.says
    assert bool(line.fix) is (verdict is not GOOD)


def test_no_line_about_a_key_holds_the_key():
    for value in (RANDOM, "ab" * 40, "a secret key that is long enough for it"):
        line = keys.judge_key("SECRET_KEY", value)
        assert value not in line.says + line.fix


def records(texts: list[str] | None, dmarc: list[str] | None, mail: list[str] | None) -> list[Verdict]:
    return [line.verdict for line in sender_domain.judge_records(Records("mugs.shop", texts, dmarc, mail))]


def test_a_senders_domain_wants_one_spf_record_a_policy_and_a_mail_server():
    assert records(["v=spf1 mx -all", "other=1"], ["v=DMARC1; p=none"], ["mx.mugs.shop"]) == [GOOD] * 3
    assert records([], [], []) == [WARNING] * 3
    assert records(["v=spf1 -all", "V=SPF1 mx"], [], [])[0] is BAD
    assert records(["v=spf1 +all"], [], [])[0] is BAD
    assert records(["v=spf10 mx"], [], [])[0] is WARNING


def test_what_could_not_be_looked_up_is_said_to_be_so():
    lines = sender_domain.judge_records(Records("mugs.shop", None, None, None))
    assert all("Could not look it up" in line.says and line.verdict is WARNING for line in lines)


@pytest.mark.parametrize("domain", ["", "localhost", "example.com", "mail.example.org", "shop.test"])
def test_domains_of_nobody_are_not_looked_up(domain: str):
    assert sender_domain.is_nobodys(domain)
    assert not sender_domain.is_nobodys("notexample.com")


PRODUCTION, SANDBOX = "https://connect.squareup.com", "https://connect.squareupsandbox.com"
PLACE = Place(id="L1", name="Portland", is_active=True, currency="USD", takes_cards=True)


def square(base_url: str, application: str, **said: object) -> list[Line]:
    known = square_keys.SquareKeys(base_url, application, "L1")
    return square_keys.judge_square(known, square_keys.SquareSaid(**{"places": (PLACE,), **said}))  # type: ignore[arg-type]


def test_right_keys_for_real_money_are_good_all_through():
    assert [line.verdict for line in square(PRODUCTION, "sq0idp-x")] == [GOOD] * 3


def test_the_sandbox_works_and_says_that_no_money_moves():
    lines = square(SANDBOX, "sandbox-sq0idb-x")
    assert [line.verdict for line in lines] == [WARNING, GOOD, GOOD]
    assert "no money moves" in lines[0].says


def test_a_stand_in_for_square_is_never_taken_for_it():
    assert "which is not Square" in square("http://127.0.0.1:9", "")[0].says
    assert square("https://connect.squareup.com.evil.example", "")[0].verdict is WARNING


@pytest.mark.parametrize(
    ("base_url", "application"), [(PRODUCTION, "sandbox-sq0idb-x"), (SANDBOX, "sq0idp-x")]
)
def test_sandbox_and_production_mixed_up_is_said_in_words(base_url: str, application: str):
    line = square(base_url, application)[0]
    assert line.verdict is BAD
    assert "same tab" in line.fix


def test_a_token_that_is_refused_names_what_it_may_be():
    lines = square(PRODUCTION, "sandbox-sq0idb-x", places=(), is_refused=True)
    assert [line.verdict for line in lines] == [BAD, BAD]
    assert "sandbox" in lines[1].fix
    assert "the production" in square(SANDBOX, "", places=(), is_refused=True)[1].fix


def test_a_silent_square_is_a_warning_and_no_verdict_on_the_keys():
    lines = square(PRODUCTION, "sq0idp-x", places=(), trouble="no answer")
    assert [line.verdict for line in lines] == [GOOD, WARNING]


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(id="L2", name="Bangor", is_active=True, currency="USD", takes_cards=True), "L2 (Bangor)"),
        (Place(id="L1", name="Portland", is_active=False, currency="USD", takes_cards=True), "switched off"),
        (Place(id="L1", name="Oslo", is_active=True, currency="EUR", takes_cards=True), "EUR"),
        (Place(id="L1", name="Portland", is_active=True, currency="USD", takes_cards=False), "bank account"),
    ],
)
def test_a_wrong_place_is_named_with_the_right_ones(place: Place, words: str):
    line = square(PRODUCTION, "sq0idp-x", places=(place,))[2]
    assert line.verdict is BAD
    assert words in line.says + line.fix


def test_an_account_without_any_place_says_so():
    assert "none yet" in square(PRODUCTION, "sq0idp-x", places=())[2].fix


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(seconds=-5), "0 s"), (timedelta(seconds=59), "59 s"), (timedelta(seconds=61), "1 min"),
        (timedelta(minutes=119), "119 min"), (timedelta(hours=2), "2 h"), (timedelta(hours=47), "47 h"), (timedelta(days=2), "2 days"),
    ],
)  # fmt: skip
def test_lengths_of_time_are_told_in_the_largest_unit_that_fits(length: timedelta, words: str):
    assert span(length) == words


@pytest.mark.parametrize(
    ("setting", "state", "nodes", "verdict", "words"),
    [
        ("", "Synced", 3, BAD, "does not know"), ("galera", "", 0, WARNING, "no node"),
        ("galera", "Donor/Desynced", 3, BAD, "Donor/Desynced"), ("galera", "Synced", 1, WARNING, "1 node is left"),
        ("galera", "Synced", 2, WARNING, "2 nodes are left"), ("galera", "Synced", 3, GOOD, "3 nodes"),
    ],
)  # fmt: skip
def test_a_cluster_and_its_setting_belong_together(
    setting: str, state: str, nodes: int, verdict: Verdict, words: str
):
    [line] = software.judge_cluster(setting, state, nodes)
    assert line.verdict is verdict
    assert words in line.says


def test_one_database_has_nothing_to_say_of_clusters_nor_good_tables_of_their_kind():
    assert software.judge_cluster("", "", 0) == []
    assert software.judge_tables([]) == []
    assert "strange" in software.judge_tables(["strange"])[0].says


def test_verdicts_are_counted_with_those_that_did_not_occur():
    assert count_verdicts([]) == {GOOD: 0, WARNING: 0, BAD: 0}
    assert count_verdicts([work.judge_dead(1), work.judge_dead(0)]) == {GOOD: 1, WARNING: 1, BAD: 0}
