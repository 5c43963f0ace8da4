"""`python -m sandbox.running.prepare`: bring the database up to date and fill it with the demo shop if it is empty.

A process of its own, so that whoever watches over the others stays small. What is wrong with the settings or the
database it says in plain words, and ends with status 1.
"""

import argparse
import json
import sys
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.exc import SQLAlchemyError

from app import create_app
from app.accounts.models import User
from app.extensions import db
from app.payments.providers import get_gateway
from app.settings import Settings, WrongSettings
from app.shared import clock
from app.shared.errors import AppError
from app.shop.models import ShopFacts
from app.storage.shelves import get_shelves
from sandbox.demo.facts import SHOP
from sandbox.demo.people import STAFF
from sandbox.demo.seed import Seeded, seed_demo
from sandbox.demo.seed_pictures import ALL, MAIN, NONE

# Read by `make run` afterwards: is it the demo shop whose sign-ins may be printed?
NOTE = "prepared.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox.running.prepare")
    parser.add_argument("--pictures", choices=[ALL, MAIN, NONE], default=ALL)
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    given = parser.parse_args()
    try:
        app = create_app()
        with app.app_context():
            upgrade()
            _seed_if_empty(app, given.pictures, given.quiet)
            _write_note(app)
    except (WrongSettings, AppError) as refusal:
        print(refusal, file=sys.stderr)
    except SQLAlchemyError as error:
        print(f"The database did not do what was asked of it: {error}", file=sys.stderr)
    else:
        return 0
    return 1


def _seed_if_empty(app: Flask, pictures: str, is_quiet: bool) -> None:
    """Seed an empty database, or finish a seeding that was stopped half-way."""
    begun = _own_folder(app) / "seeding"
    if not (_is_empty() or begun.is_file()):
        return
    begun.touch()
    seeded = _seed(app, pictures, is_quiet)
    begun.unlink()
    print(f"Seeded {seeded.in_words()}.", flush=True)


def _seed(app: Flask, pictures: str, is_quiet: bool) -> Seeded:
    settings: Settings = app.extensions["settings"]
    return seed_demo(
        now=clock.now(),
        shelves=get_shelves(),
        # A real provider is never asked about orders that are made up.
        gateway=None if settings.is_square_real else get_gateway(),
        pictures=pictures,
        is_quiet=is_quiet,
    )


def _write_note(app: Flask) -> None:
    note = {"is_demo": _is_demo(), "engine": db.engine.dialect.name}
    (_own_folder(app) / NOTE).write_text(json.dumps(note) + "\n")


def _own_folder(app: Flask) -> Path:
    folder = Path(app.instance_path) / "sandbox"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _is_empty() -> bool:
    return db.session.get(ShopFacts, 1) is None and db.session.scalar(db.select(User.id).limit(1)) is None


def _is_demo() -> bool:
    """Whether the demo shop lives in this database, with its own people."""
    shop = db.session.get(ShopFacts, 1)
    owner = db.session.scalar(db.select(User.id).where(User.email == STAFF[0].email))
    return shop is not None and shop.name == SHOP["name"] and owner is not None


if __name__ == "__main__":
    sys.exit(main())
