"""For every test: which databases, which sockets may be opened, and the private servers."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_socket
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling

from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from sandbox.square.books import Options
from tests.servers import MariaDB, Redis, new_database
from tests.source import AT_THE_END
from tests.storing import S3Store, s3_store

DATABASES = ("sqlite", "mariadb")
LONG = ("tests/faults/", "tests/tour/", "tests/upgrade/")

# `--hypothesis-profile=long`: thousands of cases, new ones each time, for when nobody waits for the tests (`make sequences`).
settings.register_profile(
    "long", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Figures that are to be seen when all is well, too. A report brings them along from the process that ran the test."""
    reports = [each for outcome in ("passed", "failed") for each in terminalreporter.stats.get(outcome, [])]
    words = [
        value
        for each in reports
        for name, value in each.user_properties
        if name == AT_THE_END and each.when == "call"
    ]
    if words:
        terminalreporter.section("what the fault suite came to")
        for each in words:
            terminalreporter.line(str(each))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database",
        choices=[*DATABASES, "both"],
        default="both",
        help="run integration tests on SQLite, on MariaDB, or on both (the default)",
    )
    parser.addoption(
        "--sequences",
        type=int,
        help="with --hypothesis-profile=long: so many stories about money on each database, instead of 2,000",
    )


def pytest_collection_finish() -> None:
    """Look for garbage seldom, and never among modules and tests, which stay: it took a seventh of all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test that reaches a database runs once on each; the order keeps the tests of one database together."""
    chosen = metafunc.config.getoption("--database")
    is_either = metafunc.definition.get_closest_marker("either_database") is not None
    kinds = (DATABASES[:1] if is_either else DATABASES) if chosen == "both" else (chosen,)
    if "database" in metafunc.fixturenames:
        metafunc.parametrize("database", kinds, indirect=True, scope="session")
    if "empty_database" in metafunc.fixturenames:
        metafunc.parametrize("empty_database", kinds, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes a minute and cannot be shared comes first, so that at the end no process waits for another."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


class BrowserTestsTogether(LoadGroupScheduling):
    """All tests that share the running shop go to one process, so that it is started once."""

    def _split_scope(self, nodeid: str) -> str:
        # The group's mark no longer reaches the name of a test (xdist 3.8 with pytest 9.2), so the folder decides.
        return "browser" if nodeid.startswith("tests/browser/") else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> BrowserTestsTogether:
    return BrowserTestsTogether(config, log)


@pytest.fixture(autouse=True)
def sockets(request: pytest.FixtureRequest) -> None:
    """Unit tests open no socket at all; the others reach this machine and nothing else. The plug-in takes it back."""
    if "unit" in Path(request.path).relative_to(request.config.rootpath / "tests").parts:
        pytest_socket.disable_socket()
    else:
        pytest_socket.socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A private MariaDB server, started when the first test asks for it; each test process has its own."""
    with MariaDB() as server:
        yield server


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables that is this test's alone; once on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return new_database(request.getfixturevalue("mariadb"), "empty")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A private Redis server, started when the first test asks for it."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Store]:
    """An S3 look-alike on a free port; `empty()` it first."""
    with s3_store() as store:
        yield store


@pytest.fixture(scope="session")
def square_server() -> Iterator[SquareServer]:
    """The Square look-alike on a free port; use the `square` fixture, which empties it for each test."""
    with SquareServer(options=Options(list_lag_seconds=0, refund_delay_seconds=0)) as server:
        yield server


@pytest.fixture(scope="session")
def mail_catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailCatcher]:
    """The mail catcher on a free port; use the `mails` fixture, which empties it for each test."""
    with MailCatcher(tmp_path_factory.mktemp("mails")) as catcher:
        yield catcher
