"""A shop that nobody has set up yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.extensions import db
from sandbox.mail import MailCatcher
from sandbox.square import SquareServer
from tests.hosting.set_up import Answers, SetUp, right_answers


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and no settings in the environment."""
    for name in ("SECRET_KEY", "DATA_KEY", "DATABASE_URL", "SITE_URL", "JOBS"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "instance"
    folder.mkdir()
    monkeypatch.setenv("TRADEPOST_INSTANCE", str(folder))
    return folder


@pytest.fixture
def set_up(instance: Path) -> Iterator[SetUp]:
    each = SetUp(instance)
    yield each
    if each.shop is not None:
        with each.shop.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def simple_answers(square_server: SquareServer, mail_catcher: MailCatcher) -> Answers:
    """With the database in a file, where the kind of database makes no difference."""
    return _answers("sqlite://", square_server, mail_catcher)


@pytest.fixture
def answers(empty_database: str, square_server: SquareServer, mail_catcher: MailCatcher) -> Answers:
    return _answers(empty_database, square_server, mail_catcher)


def _answers(database_url: str, square: SquareServer, mails: MailCatcher) -> Answers:
    square.office.wipe()
    mails.box.empty()
    mails.mood.refuse(None)
    return right_answers(database_url, square, mails)
