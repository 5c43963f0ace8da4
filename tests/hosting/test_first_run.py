"""The set-up page: who may open it, what it asks and tries, and that it is gone once the shop is there."""

from __future__ import annotations

import os
import stat
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine

from app.accounts.models import User
from app.accounts.passwords import is_password
from app.accounts.permissions import Role
from app.businesses.models import CustomerGroup
from app.catalog.models import Product
from app.extensions import db
from app.first_run.cli import install_command
from app.first_run.draft import load_draft
from app.settings import Settings, is_configured
from app.shared.safe_answers import SAFE_HEADERS
from app.shop.models import ShippingMethod
from app.shop.queries import get_shop
from sandbox.mail import MailCatcher
from sandbox.mail.smtp import Refusal
from tests.client import read_html, read_text
from tests.hosting.set_up import OWNER_PASSWORD, Answers, SetUp
from tests.servers import new_database


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# --- The code ------------------------------------------------------------------------------------------------------


def test_the_code_stands_in_a_file_only_its_owner_can_read(set_up: SetUp):
    assert mode(set_up.instance / "setup-code.txt") == 0o600
    assert mode(set_up.instance / "setup-draft.json") == 0o600


def test_a_stranger_reads_that_the_shop_opens_soon_and_gets_no_further(set_up: SetUp):
    browser = set_up.browser()
    assert "This shop opens soon" in read_text(browser.get("/"))
    assert browser.get("/set-up/database").location == "/"
    assert browser.get("/catalog").status_code == 503
    wrong = browser.submit(browser.get("/"), code="ABCDE-FGHJK-LMNPQ-RSTUV")
    assert wrong.status_code == 422
    assert "That is not the code" in read_text(wrong)


def test_the_code_works_once_and_then_the_file_holds_another(set_up: SetUp):
    first = set_up.code
    set_up.opened()
    assert set_up.code != first
    stranger = set_up.browser()
    assert stranger.submit(stranger.get("/"), code=first).status_code == 422
    assert mode(set_up.instance / "setup-code.txt") == 0o600


def test_a_code_may_be_typed_in_small_letters_and_with_spaces(set_up: SetUp):
    browser = set_up.browser()
    page = browser.submit(browser.get("/"), code=f"  {set_up.code.lower().replace('-', ' ')} ")
    assert page.request.path == "/set-up/database"


def test_every_answer_forbids_scripts_frames_and_keeping(set_up: SetUp):
    for path in ("/", "/catalog"):
        headers = set_up.browser().get(path).headers
        assert "script-src" not in headers["Content-Security-Policy"]
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"
        assert dict(headers).items() >= SAFE_HEADERS.items()
        assert "Strict-Transport-Security" not in headers


def test_over_https_the_set_up_stays_there_and_its_cookie_is_bound_to_this_very_host(set_up: SetUp):
    browser = set_up.browser()
    page = browser.get("/", base_url="https://localhost")
    assert page.headers["Strict-Transport-Security"] == "max-age=86400"
    [cookie] = page.headers.getlist("Set-Cookie")
    name, *flags = (part.strip() for part in cookie.split(";"))
    assert name.startswith("__Host-tradepost-set-up=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    assert not any(flag.lower().startswith("domain") for flag in flags)
    browser.post(
        "/",
        data={"code": set_up.code, "csrf_token": read_html(page).select_one("[name=csrf_token]")["value"]},
        base_url="https://localhost",
        headers={"Referer": "https://localhost/"},
        csrf=False,
    )
    assert browser.get("/set-up/database", base_url="https://localhost").status_code == 200


def test_a_form_without_its_token_changes_nothing(set_up: SetUp):
    browser = set_up.opened()
    answer = browser.post("/set-up/database", data={"kind": "sqlite", "do": "go"}, csrf=False)
    assert answer.location == "/"
    assert load_draft(set_up.instance).done == []


# --- What it asks --------------------------------------------------------------------------------------------------


def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(set_up: SetUp):
    browser = set_up.opened()
    page = browser.submit(
        browser.get("/set-up/database"), do="go", kind="mysql", name="salt_shop", password="pw 1"
    )
    assert page.status_code == 422
    html = read_html(page)
    assert "database user" in html.select_one("#user-error").get_text()
    assert html.select_one("#name")["value"] == "salt_shop"
    assert html.select_one("title").get_text().startswith("Error:")
    assert "pw 1" not in page.get_data(as_text=True)
    assert load_draft(set_up.instance).step("database")["password"] == "pw 1"
    assert "It is kept" in html.select_one("#password-help").get_text()


def test_steps_open_one_after_the_other(set_up: SetUp):
    browser = set_up.opened()
    assert browser.get("/set-up/owner").location == "/set-up/database"


def test_a_shop_on_the_open_internet_must_be_encrypted(set_up: SetUp):
    browser = set_up.opened()
    browser.submit(browser.get("/set-up/database"), do="go", kind="sqlite")
    page = browser.submit(browser.get("/set-up/address"), do="go", site_url="http://shop.example.com")
    assert page.status_code == 422
    assert "Begin it with https://" in read_text(page)


def test_a_database_that_lets_nobody_in_is_told_in_words(set_up: SetUp, mariadb):
    browser = set_up.opened()
    wrong = {
        "kind": "mysql",
        "host": str(mariadb.socket),
        "name": "shop",
        "user": "nobody",
        "password": "guess",
    }
    page = browser.submit(browser.get("/set-up/database"), do="test", **wrong)
    assert page.status_code == 422
    assert "does not accept this user and password" in read_text(page)


def test_a_database_nobody_answers_at_is_told_in_words(set_up: SetUp):
    browser = set_up.opened()
    page = browser.submit(
        browser.get("/set-up/database"), do="test", kind="mysql", host="127.0.0.1:1", name="shop", user="shop"
    )
    assert "Nobody answers at 127.0.0.1:1" in read_text(page)


def test_a_database_that_is_another_programs_is_left_alone(set_up: SetUp, mariadb):
    engine = create_engine(new_database(mariadb, "blog", "mysql+pymysql"))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE wp_posts (id INT PRIMARY KEY)")
    engine.dispose()
    browser = set_up.opened()
    page = browser.submit(
        browser.get("/set-up/database"),
        do="go",
        kind="mysql",
        host=str(mariadb.socket),
        name="blog",
        user="root",
    )
    assert page.status_code == 422
    assert "in use by another program" in read_text(page)


def test_mail_is_tried_by_sending_one(set_up: SetUp, simple_answers: Answers, mail_catcher: MailCatcher):
    page = set_up.walk(simple_answers, until="mail")
    browser = set_up.opened_again()
    tried = browser.submit(browser.get(page.request.path), do="test", **simple_answers["mail"])
    assert "took a mail to ruth@shop.example.com" in read_text(tried)
    [mail] = mail_catcher.box.list_newest_first()
    assert mail.subject == "Your shop can send mail"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"port": "1"}, "takes no mail on port 1"),
        ({"use_tls": "y"}, "offers no encryption"),
        ({"user": "ruth", "password": "guess"}, "asks for no user and password"),
        ({"port": "many"}, "a whole number in digits"),
    ],
)
def test_mail_that_cannot_go_out_is_told_in_words(
    set_up: SetUp, simple_answers: Answers, changes: dict[str, str], words: str
):
    set_up.walk(simple_answers, until="mail")
    browser = set_up.opened_again()
    page = browser.submit(browser.get("/set-up/mail"), do="test", **simple_answers["mail"] | changes)
    assert page.status_code == 422
    assert words.lower() in read_text(page).lower()


def test_a_mail_server_that_refuses_is_quoted(
    set_up: SetUp, simple_answers: Answers, mail_catcher: MailCatcher
):
    set_up.walk(simple_answers, until="mail")
    mail_catcher.mood.refuse(Refusal(550, "rcpt"))
    browser = set_up.opened_again()
    page = browser.submit(browser.get("/set-up/mail"), do="go", **simple_answers["mail"])
    assert page.status_code == 422
    assert "would not take the mail (550:" in read_text(page)
    assert "Go on all the same" in read_text(page)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"access_token": "wrong"}, "does not take this access token"),
        ({"location_id": "ELSEWHERE"}, "has no location ELSEWHERE"),
        ({"base_url": "http://127.0.0.1:1"}, "Square did not answer"),
        ({"mode": "live", "base_url": ""}, "belongs to the sandbox"),
    ],
)
def test_keys_of_square_that_do_not_fit_are_told_in_words(
    set_up: SetUp, simple_answers: Answers, changes: dict[str, str], words: str
):
    set_up.walk(simple_answers, until="cards")
    browser = set_up.opened_again()
    page = browser.submit(browser.get("/set-up/cards"), do="test", **simple_answers["cards"] | changes)
    assert page.status_code == 422
    assert words in read_text(page)


def test_a_token_that_is_kept_is_never_sent_back(set_up: SetUp, simple_answers: Answers):
    set_up.walk(simple_answers, until="shop")
    page = set_up.opened_again().get("/set-up/cards")
    assert simple_answers["cards"]["access_token"] not in page.get_data(as_text=True)
    assert "It is kept" in read_text(page)


# --- What comes of it ----------------------------------------------------------------------------------------------


def test_the_answers_make_a_shop_that_opens_at_once(set_up: SetUp, answers: Answers):
    done = set_up.walk(answers)
    words = read_text(done)
    assert "Salt & Cedar is set up" in words
    cron = read_html(done).select_one("#cron-line").get_text()
    assert "jobs drain --for 50s" in cron
    assert f"TRADEPOST_INSTANCE={set_up.instance}" in cron

    file = set_up.instance / "settings.toml"
    assert mode(file) == 0o600
    written = tomllib.loads(file.read_text())
    assert written["JOBS"] == "drain"
    assert written["SITE_URL"] == "https://localhost:1"
    assert len(written["SECRET_KEY"]) >= 32
    assert written["SECRET_KEY"] != written["DATA_KEY"]

    browser = set_up.browser()
    front = browser.get("/", base_url="https://localhost:1")
    assert "Salt & Cedar" in read_text(front)
    for path in ("/set-up/database", "/set-up/here", "/set-up/owner"):
        assert browser.get(path, base_url="https://localhost:1").status_code == 404
    if answers["database"]["kind"] == "sqlite":
        assert mode(set_up.instance / "shop.db") == 0o600
    left = {path.name for path in set_up.instance.iterdir()}
    assert not left & {"setup-code.txt", "setup-draft.json"}

    with set_up.shop.app_context():
        assert get_shop().state == "ME"
        owner = db.session.scalars(db.select(User)).one()
        assert owner.role is Role.SHOP_OWNER
        assert is_password(OWNER_PASSWORD, owner.password_hash)
        assert db.session.scalars(db.select(CustomerGroup.name)).all() == ["Wholesale"]
        assert db.session.scalars(db.select(ShippingMethod.code)).all() == ["pickup"]
        assert db.session.scalars(db.select(Product.id)).first() is None


def test_a_weak_password_is_refused_and_everything_else_stays(set_up: SetUp, simple_answers: Answers):
    simple_answers["owner"]["password"] = "password12"
    page = set_up.walk(simple_answers)
    assert page.status_code == 422
    assert "first passwords anyone would try" in read_text(page)
    assert read_html(page).select_one("#name")["value"] == "Ruth Alder"
    assert not (set_up.instance / "settings.toml").exists()


def test_a_set_up_that_stopped_half_way_goes_on_with_the_same_keys(set_up: SetUp, answers: Answers):
    """The database was filled, then the machine went down before settings.toml was written."""
    set_up.walk(answers, until="owner")
    browser = set_up.opened_again()
    draft = load_draft(set_up.instance)
    in_the_way = set_up.instance / f".settings.toml.{os.getpid()}.new"
    in_the_way.mkdir()
    stopped = browser.submit(browser.get("/set-up/owner"), do="go", **answers["owner"])
    assert stopped.status_code == 422
    assert "settings.toml could not be written" in read_text(stopped)
    in_the_way.rmdir()
    again = browser.submit(browser.get("/set-up/owner"), do="go", **answers["owner"])
    assert "is set up" in read_text(again)
    written = tomllib.loads((set_up.instance / "settings.toml").read_text())
    assert written["DATA_KEY"] == draft.data_key


def test_a_database_with_a_shop_in_it_is_not_taken_over(set_up: SetUp, answers: Answers):
    set_up.walk(answers)
    for path in ("settings.toml", "setup.lock"):
        (set_up.instance / path).unlink()
    other = SetUp(set_up.instance)
    browser = other.opened()
    page = browser.submit(browser.get("/set-up/database"), do="go", **answers["database"])
    assert page.status_code == 422
    assert "'Salt & Cedar' lives in this database already" in read_text(page)


# --- Never again ---------------------------------------------------------------------------------------------------


def test_a_broken_settings_file_never_opens_the_set_up_again(set_up: SetUp):
    (set_up.instance / "settings.toml").write_text("SITE_URL = \n")
    answer = set_up.browser().get("/")
    assert answer.status_code == 503
    assert "closed for a moment" in read_text(answer)
    assert "set-up" not in answer.get_data(as_text=True).lower()
    assert is_configured()


def test_keys_in_the_environment_are_settings_too(instance: Path, monkeypatch: pytest.MonkeyPatch):
    assert not is_configured()
    monkeypatch.setenv("SECRET_KEY", "anything")
    assert is_configured()


# --- flask install --------------------------------------------------------------------------------------------------


def as_file(answers: Answers, path: Path) -> Path:
    lines = []
    for step, given in answers.items():
        lines.append(f"[{step}]")
        for name, value in given.items():
            if name != "anyway":
                lines.append(f"{name} = {'false' if value is None else repr(str(value))}")
    path.write_text("\n".join(lines))
    return path


def run(*arguments: str, typed: str = ""):
    return CliRunner().invoke(install_command, list(arguments), input=typed)


def test_install_reads_its_answers_from_a_file_and_twice_does_no_harm(
    instance: Path, answers: Answers, tmp_path: Path
):
    file = as_file(answers, tmp_path / "answers.toml")
    first = run("--from", str(file))
    assert first.exit_code == 0, first.output
    assert "The shop is set up: https://localhost:1" in first.output
    settings = (instance / "settings.toml").read_text()
    again = run("--from", str(file))
    assert again.exit_code == 0
    assert "set up already" in again.output
    assert (instance / "settings.toml").read_text() == settings
    assert Settings.from_env(dict(os.environ)).jobs == "drain"


def test_install_lists_everything_that_is_wrong_with_the_file(instance: Path, tmp_path: Path):
    file = tmp_path / "answers.toml"
    file.write_text('[database]\nkind = "sqlite"\n[address]\nsite_url = "shop"\n[mail]\nport = 99999\n')
    told = run("--from", str(file))
    assert told.exit_code == 1
    for words in ("[mail] port:", "[cards] access_token:", "[shop] name:", "[owner] password:"):
        assert words in told.output
    assert not (instance / "settings.toml").exists()


def test_install_asks_and_asks_again_what_was_wrong(instance: Path, simple_answers: Answers):
    mail, cards = simple_answers["mail"], simple_answers["cards"]
    draft = load_draft(instance)
    draft.keep("cards", {"base_url": cards["base_url"]})
    draft.save(instance)
    typed = [
        "sqlite", "http://shop.example.com", "https://localhost:1",
        mail["sender"], mail["server"], mail["port"], "n", "", "", "", mail["try_to"],
        "trial", cards["application_id"], cards["access_token"], cards["location_id"],
        "Salt & Cedar", "hello@shop.example.com", "", "", "", "ME", "04101", "",
        "Ruth Alder", "ruth@shop.example.com", OWNER_PASSWORD,
    ]  # fmt: skip
    told = run(typed="\n".join(typed) + "\n")
    assert told.exit_code == 0, told.output
    assert "Begin it with https://" in told.output
    assert OWNER_PASSWORD not in told.output
    assert "jobs drain --for 50s" in told.output


def test_other_commands_say_that_there_is_no_shop_yet(set_up: SetUp):
    told = set_up.app.test_cli_runner().invoke(set_up.app.cli, ["jobs", "drain"])
    assert told.exit_code == 1
    assert "This shop has no settings yet" in told.output
