"""The end of setting up: fill the database, then write settings.toml, which opens the shop and shuts the set-up."""

from __future__ import annotations

import fcntl
import os
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from app.accounts.create_owner import CreateOwner, create_owner
from app.first_run.begin_shop import fill_shop, make_tables
from app.first_run.draft import Answers, Draft, remove_draft
from app.first_run.planned import build_settings, database_url, open_shop_of, settings_of, settings_text
from app.first_run.private_file import write_private
from app.first_run.setup_code import remove_code
from app.first_run.try_database import try_database
from app.settings import ROOT
from app.shared.errors import AppError
from app.shared.history import Actor
from app.shop.set_up import SetUpShop

_LOCK = "setup.lock"
_DRAIN_SECONDS = 50


class SetUpAlready(AppError):
    def __init__(self) -> None:
        super().__init__("This shop is set up already. Nothing was changed.")


@dataclass(frozen=True)
class Installed:
    """`cron_command` runs what is due, once a minute; `cron_line` is the same as a crontab has it."""

    site_url: str
    cron_command: str

    @property
    def cron_line(self) -> str:
        return f"* * * * * {self.cron_command}"


def install(draft: Draft, owner: CreateOwner, *, instance: Path, actor: Actor, now: datetime) -> Installed:
    """Make the shop of these answers. Nothing is open before all of it is done; stopped half-way, it may simply run again.

    Raises SetUpAlready, or AppError with what the database said. settings.toml is written last and in one step.
    """
    with _alone(instance):
        if (instance / "settings.toml").exists():
            raise SetUpAlready()
        found = try_database(draft, instance)
        if not found.is_good:
            raise AppError(found.words)
        draft.begun = database_url(draft.step("database"), instance)
        draft.save(instance)
        values = settings_of(draft, instance)
        settings = build_settings(values, instance)
        try:
            with _closed_to_others(), open_shop_of(settings):
                make_tables()
                fill_shop(_facts(draft.step("shop")))
                create_owner(owner, actor=actor, now=now)
        except SQLAlchemyError as error:
            said = str(getattr(error, "orig", None) or error)[:300]
            raise AppError(
                f"The database stopped half-way. It said: {said}. Put that right, then go on here."
            ) from error
        try:
            write_private(instance / "settings.toml", settings_text(values))
        except OSError as error:
            raise AppError(f"settings.toml could not be written to {instance} ({error.strerror}).") from error
        remove_draft(instance)
        remove_code(instance)
    _show_pictures_past_python(settings.media_path)
    _restart()
    return Installed(settings.site_url, cron_command(instance))


def _facts(answers: Answers) -> SetUpShop:
    return SetUpShop(
        name=answers["name"],
        email=answers["email"],
        phone=answers.get("phone") or "",
        line1=answers.get("line1") or "",
        city=answers.get("city") or "",
        state=answers["state"],
        postal_code=answers["postal_code"],
        time_zone=answers["time_zone"],
    )


@contextmanager
def _alone(instance: Path) -> Iterator[None]:
    """Of two presses at the same moment the second waits for the first, and then finds the work done."""
    with (instance / _LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _closed_to_others() -> Iterator[None]:
    """A database that is made as a file is its owner's alone; SQLite gives the files beside it the same rights."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)


def _show_pictures_past_python(media: Path) -> None:
    """In a release public/media leads to the pictures, so that the web server sends them itself; elsewhere nothing."""
    media.mkdir(parents=True, exist_ok=True)
    media.chmod(0o755)
    link = ROOT / "public" / "media"
    if link.parent.is_dir() and not link.exists() and not link.is_symlink():
        link.symlink_to(os.path.relpath(media, link.parent), target_is_directory=True)


def _restart() -> None:
    """Ask Passenger for fresh processes; it looks at this file every ten seconds. There is none beside other servers."""
    if (ROOT / "passenger_wsgi.py").is_file():
        file = ROOT / "tmp" / "restart.txt"
        file.parent.mkdir(exist_ok=True)
        file.touch()


def cron_command(instance: Path) -> str:
    """What the host's cron calls once a minute; the last run's words are kept in cron.log."""
    elsewhere = "" if instance == ROOT / "instance" else f"TRADEPOST_INSTANCE={shlex.quote(str(instance))} "
    return (
        f"cd {shlex.quote(str(ROOT))} && {elsewhere}{shlex.quote(sys.executable)} -m flask --app wsgi "
        f"jobs drain --for {_DRAIN_SECONDS}s >{shlex.quote(str(instance / 'cron.log'))} 2>&1"
    )
