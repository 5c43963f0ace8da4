"""Web processes keep nothing local: two of them with a folder each, and only database, Redis and bucket between them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from bs4 import BeautifulSoup, Tag

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.factories import PASSWORD, make_buyer, make_product, make_sku, make_staff
from tests.limited_shop import limited_shop, running_processes
from tests.papers import pdf, picture
from tests.servers import MariaDB, Redis, new_database
from tests.storing import S3Store
from tests.worlds import settings_for_tests

BUYER = "buyer@example.com"


@dataclass
class Machines:
    """Two web processes of one shop by their addresses, and the folders each has for itself."""

    here: str
    there: str
    folders: tuple[Path, Path]
    product_id: int
    staff_email: str


@pytest.fixture(scope="module")
def machines(
    mariadb: MariaDB,
    redis_server: Redis,
    s3_server: S3Store,
    tmp_path_factory: pytest.TempPathFactory,
    square_server: SquareServer,
    mail_catcher: MailCatcher,
) -> Iterator[Machines]:
    s3_server.empty()
    folder = tmp_path_factory.mktemp("machines")
    url = new_database(mariadb, "two_machines")
    with limited_shop(settings_for_tests(url, folder, square_server, mail_catcher)):
        make_buyer(email=BUYER)
        staff_email = make_staff().email
        product = make_product("Soap", slug="soap")
        make_sku(product)
        product_id = product.id
    folders = (folder / "here", folder / "there")
    for each in folders:
        each.mkdir()
    shared = {"DATABASE_URL": url, "REDIS_URL": redis_server.url} | {
        name.upper(): str(value) for name, value in s3_server.settings().items()
    }
    with (
        running_processes(1, folders[0], **shared) as [here],
        running_processes(1, folders[1], **shared) as [there],
    ):
        yield Machines(here, there, folders, product_id, staff_email)


def form_of(page: httpx.Response, selector: str) -> tuple[str, dict[str, str]]:
    """Where a form goes, and what it holds already."""
    form = BeautifulSoup(page.text, "lxml").select_one(selector)
    assert isinstance(form, Tag), f"no {selector} in {page.url}: {page.status_code}"
    fields = {
        str(each["name"]): str(each.get("value", "")) for each in form.select("input[name][type=hidden]")
    }
    return str(form.get("action") or page.url.path), fields


def send(
    browser: httpx.Client, base: str, path: str, selector: str, *, files: object = None, **values: str
) -> httpx.Response:
    """Fill in and send a form of a page, at one of the two machines."""
    action, fields = form_of(browser.get(base + path), selector)
    return browser.post(
        base + action, data=fields | values, files=files, headers={"Referer": base}  # type: ignore[arg-type]
    )  # fmt: skip


@contextmanager
def signed_in(base: str, email: str) -> Iterator[httpx.Client]:
    with httpx.Client(timeout=30) as browser:
        answer = send(
            browser, base, "/login", "form[action*=login], form[method=post]", email=email, password=PASSWORD
        )
        assert answer.status_code == 303, answer.text[:500]
        yield browser


def test_what_is_sent_to_one_machine_is_there_on_the_other(machines: Machines) -> None:
    here, there = machines.here, machines.there
    with signed_in(here, BUYER) as buyer, signed_in(there, machines.staff_email) as staff:
        # A session of one holds on the other.
        assert buyer.get(f"{there}/account/business/certificates").status_code == 200

        # So does a paper.
        sent = send(
            buyer, here, "/account/business/certificates", "#certificate-form",
            certificate_number="ME-77", certificate_state="ME", issued_on="2026-01-05",
            files={"certificate_file": ("maine.pdf", pdf(), "application/pdf")},
        )  # fmt: skip
        assert sent.status_code == 303, sent.text[:500]
        listed = BeautifulSoup(buyer.get(f"{there}/account/business/certificates").text, "lxml")
        link = listed.select_one("a[href*='/business/document/']")
        assert link is not None
        assert buyer.get(there + str(link["href"])).content == pdf()
        stranger = httpx.get(there + str(link["href"]))
        assert stranger.status_code in {302, 303}

        # And a picture.
        added = send(
            staff, there, f"/admin/products/details/?id={machines.product_id}", "form[action$='/pictures/add']",
            alt="A bar of soap", files={"picture": ("soap.jpg", picture(), "image/jpeg")},
        )  # fmt: skip
        assert added.status_code == 303
        shown = BeautifulSoup(httpx.get(f"{here}/products/soap").text, "lxml").select_one(
            ".product__pictures img"
        )
        assert shown is not None
        assert httpx.get(here + str(shown["src"])).headers["Content-Type"] == "image/webp"

        # Signed out at one is signed out at both.
        signed_out = send(buyer, there, "/account", "form[action*=logout]")
        assert signed_out.status_code == 303
        assert buyer.get(f"{here}/account/business/certificates").status_code in {302, 303}

    # Neither kept anything for itself.
    for folder in machines.folders:
        assert {path.name for path in folder.iterdir() if not path.name.startswith("web-")} == set()


def test_tries_at_both_machines_are_one_count(machines: Machines) -> None:
    answers = []
    for number in range(12):
        base = (machines.here, machines.there)[number % 2]
        with httpx.Client(timeout=30) as browser:
            answer = send(
                browser,
                base,
                "/login",
                "form[action*=login], form[method=post]",
                email="guessed@example.com",
                password=f"guess {number}",
            )
            answers.append(answer.status_code)
    assert answers == [422] * 10 + [429] * 2
