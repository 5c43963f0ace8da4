"""How a form's rows are written: in one transaction, with old → new in the history, refusals shown and nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from flask import flash
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from admin import saving
from admin.access import acting
from app.extensions import db
from app.shared import clock
from app.shared.errors import AppError
from app.shared.transaction import is_lost_race, transaction


class RowWriter:
    """The writing half of `StaffModelView`; views override `save`, `saved` and `remove`."""

    thing: ClassVar[str] = "record"
    subject: ClassVar[str] = ""
    # Given by the view it is mixed into.
    get_one: Callable[[Any], Any]
    title_of: Callable[[Any], str]

    def subject_of(self) -> str:
        """The word under which the history keeps this view's rows."""
        return self.subject or self.thing.replace(" ", "_")

    def rows_shown(self, row: Any) -> list[Any]:
        """What the form shows: a change to any of these by somebody else is told before it is overwritten."""
        return [row]

    def save(self, form: Any, row: Any) -> None:
        """Put what was typed into the row; inside the transaction. Override to keep rules that span rows."""
        form.populate_obj(row)

    def saved(self, row: Any) -> None:
        """The row is in the database now, the transaction still open. Override to add what hangs on it."""

    def create_model(self, form: Any) -> Any:
        """The new row, or False with the reason flashed."""
        row = self.build_new_instance()  # type: ignore[attr-defined]

        def step() -> None:
            db.session.add(row)
            self._write(form, row, "created")

        return row if self._try(step) else False

    def update_model(self, form: Any, model: Any) -> bool:
        key = self.get_pk_value(model)  # type: ignore[attr-defined]
        return self._try(lambda: self._write(form, self.get_one(key), "edited"))

    def delete_model(self, model: Any) -> bool:
        key = self.get_pk_value(model)  # type: ignore[attr-defined]
        return self._try(lambda: self._remove(self.get_one(key)))

    def note_change(self, row: Any, event: str = "edited") -> None:
        """Write old → new of what is about to be stored; inside the transaction, before any flush."""
        with (
            db.session.no_autoflush
        ):  # reading who acts would flush, and with it forget what was there before
            saving.record_changes(row, self.subject_of(), event, actor=acting(), at=clock.now())

    def _write(self, form: Any, row: Any, event: str) -> None:
        with db.session.no_autoflush:
            self.save(form, row)
        self.note_change(row, event)
        self.saved(row)

    def remove(self, row: Any) -> None:
        """Take the row away; inside the transaction. Override where others hang on it."""
        db.session.delete(row)

    def _remove(self, row: Any) -> None:
        saving.record_removal(row, self.subject_of(), self.title_of(row), actor=acting(), at=clock.now())
        self.remove(row)

    def _try(self, step: Callable[[], Any]) -> bool:
        try:
            with transaction():
                step()
        except IntegrityError:
            flash(
                f"This {self.thing} is used elsewhere, or has the same name or code as another one.", "danger"
            )
        except AppError as refused:
            flash(refused.message, "danger")
        except (OperationalError, StaleDataError) as error:
            # Not run again by itself: a form's rows were put together already, and doing so twice would double them.
            if not is_lost_race(error):
                raise
            flash(
                f"Somebody else changed this {self.thing}, or what it belongs to, in the same moment. Nothing was saved: "
                "please send it once more.",
                "danger",
            )
        else:
            return True
        return False
