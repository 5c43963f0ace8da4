"""More visitors than threads: who only browses is asked to come again, who pays gets through, and it ends by itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.shared.money import Money
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from sandbox.square.faults import Fault
from tests.factories import make_sku
from tests.faults.people import Browser, Page
from tests.limited_shop import limited_shop, running_processes
from tests.placing import CARD_OK, make_ready
from tests.worlds import settings_for_tests

THREADS = 2
# Three rounds of two: while the last of them are at Square, everybody else has stood in line for two rounds.
PAYERS = 6
TOKEN = "scrape-me-0123456789abcdef"


@dataclass
class Crowded:
    """A shop of two threads, and people who stand on the last page of checkout."""

    url: str
    payers: list[tuple[Browser, Page]]

    def press(self, payer: tuple[Browser, Page]) -> Page:
        browser, review = payer
        form = review.form("#review")
        assert form is not None
        return browser.send(review, form, {"source_token": CARD_OK, "accept_terms": "y"})

    def look(self, path: str, **headers: str) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", headers=headers, timeout=30)


@pytest.fixture(scope="module")
def crowded(
    tmp_path_factory: pytest.TempPathFactory, square_server: SquareServer, mail_catcher: MailCatcher
) -> Iterator[Crowded]:
    folder = tmp_path_factory.mktemp("crowded")
    database = f"sqlite:///{folder / 'shop.db'}"
    with limited_shop(settings_for_tests(database, folder, square_server, mail_catcher)):
        sku = make_sku(price=Money(1000), stock=100)
        emails = [make_ready(sku=sku).buyer.email for _ in range(PAYERS)]
    settings = {
        "DATABASE_URL": database, "SQUARE_BASE_URL": square_server.url, "SQUARE_ACCESS_TOKEN": square_server.token,
        "SQUARE_LOCATION_ID": square_server.location_id, "RATE_LIMITS": "false", "BUSY_AFTER_MILLISECONDS": "200",
        "METRICS_TOKEN": TOKEN,
    }  # fmt: skip
    with running_processes(1, folder, threads=THREADS, **settings) as [url]:
        payers = []
        for email in emails:
            browser = Browser(url, email)
            browser.sign_in()
            payers.append((browser, browser.open("/checkout/review")))
        yield Crowded(url, payers)
        for browser, _ in payers:
            browser.close()


@pytest.fixture
def answers(crowded: Crowded, square_server: SquareServer) -> dict[str, list[Page] | list[httpx.Response]]:
    """All press at once while Square takes its time; and while they wait, others come."""
    square_server.office.faults.add(Fault(call="payments.create", kind="latency", seconds=1.5))
    paths = ["/catalog", "/login", "/search?q=candle", "/healthz", "/cart"]
    try:
        with ThreadPoolExecutor(max_workers=PAYERS + len(paths) + 1) as crowd:
            presses = [crowd.submit(crowded.press, each) for each in crowded.payers]
            time.sleep(0.5)
            looks = [crowd.submit(crowded.look, path) for path in paths]
            part = crowd.submit(crowded.look, "/catalog", **{"HX-Request": "true"})
            return {
                "placed": [each.result() for each in presses],
                "browsing": [each.result() for each in [*looks[:3], part]],
                "alive": [looks[3].result()],
            }
    finally:
        square_server.office.faults.clear()


def test_a_crowd_is_let_in_by_how_urgent_it_is(crowded: Crowded, answers: dict[str, list]) -> None:
    """One crowd, for starting it takes seconds; what it was answered, one by one."""
    assert [page.path.startswith("/checkout/done/") for page in answers["placed"]] == [True] * PAYERS
    assert [answer.status_code for answer in answers["alive"]] == [200]
    _check_who_was_sent_away(answers["browsing"])
    # The line is gone, and nobody had to tell the shop.
    assert [crowded.look(path).status_code for path in ("/catalog", "/login")] == [200, 200]
    _check_figures(crowded)


def _check_who_was_sent_away(browsing: list[httpx.Response]) -> None:
    assert [answer.status_code for answer in browsing] == [503] * 4
    for answer in browsing:
        seconds = answer.headers["Retry-After"]
        assert 5 <= int(seconds) <= 15
        assert f"try again in {seconds} seconds" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    page, part = browsing[0].text, browsing[-1].text
    assert "<h1>The shop is very busy</h1>" in page
    assert '<a href="/search?q=candle">Try this page again</a>' in browsing[2].text
    assert 'id="error-notice"' in part
    assert "<html" not in part


def _check_figures(crowded: Crowded) -> None:
    text = crowded.look("/metrics", Authorization=f"Bearer {TOKEN}").text
    found = {
        (each.name, *each.labels.values()): each.value
        for family in text_string_to_metric_families(text)
        for each in family.samples
    }
    assert found["tradepost_sent_away_total", "browsing"] == 4
    assert found["tradepost_requests_in_progress",] == 1
    assert found["tradepost_line_seconds_bucket", "+Inf"] > found["tradepost_line_seconds_bucket", "1.0"]
