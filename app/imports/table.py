"""Reads a CSV file row by row, however large, and says exactly where it cannot."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.shared.errors import AppError

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong where: `row` counts lines of the sheet, the heading being row 1; 0 is the file as a whole."""

    row: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        place = f"Row {self.row}" if self.row else "File"
        column = f", column {self.column}" if self.column else ""
        value = f" ({self.value[:60]!r})" if self.value else ""
        return f"{place}{column}{value}: {self.message}"


class FileRefused(AppError):
    """Nothing was written. `errors` holds everything that was found, in the order of the rows."""

    def __init__(self, errors: Sequence[RowError]):
        count = len(errors)
        noun = "problem" if count == 1 else "problems"
        super().__init__(
            f"{count:,} {noun} found, nothing was changed. Correct the file, then import it again."
        )
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the spreadsheet counts, and its cells by column, without spaces at the ends."""

    number: int
    cells: Mapping[str, str]


def read_table(path: Path, required: Sequence[str], known: Sequence[str]) -> Iterator[Row]:
    """The rows of a UTF-8 file (with or without BOM; comma, semicolon or tab), empty ones left out.

    FileRefused for a wrong encoding, missing, doubled or unknown columns, or a row that is no CSV.
    """
    _refuse_utf16(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        line = 1
        try:
            heading = file.readline()
            reader = csv.reader(file, delimiter=_delimiter(heading), strict=True)
            columns = _read_heading(heading, required, known)
            for cells in reader:
                # The heading was read apart, so the reader's own count is one short. A cell that holds line breaks
                # still is one row of the sheet, hence a count of our own.
                line += 1
                if any(cell.strip() for cell in cells):
                    yield Row(line, _by_column(columns, cells, line))
        except UnicodeDecodeError:
            raise FileRefused([RowError(line + 1, "", "", _ENCODING)]) from None
        except csv.Error as error:
            raise FileRefused([RowError(line + 1, "", "", f"This row is no valid CSV: {error}.")]) from None


_ENCODING = "The file is not in UTF-8. In your spreadsheet choose “Save as” and “CSV UTF-8”."


def _refuse_utf16(path: Path) -> None:
    with path.open("rb") as file:
        if file.read(2) in _UTF16:
            raise FileRefused([RowError(0, "", "", _ENCODING)])


def _delimiter(heading: str) -> str:
    return max(_DELIMITERS, key=heading.count)


def _read_heading(heading: str, required: Sequence[str], known: Sequence[str]) -> list[str]:
    cells = next(csv.reader([heading], delimiter=_delimiter(heading)), [])
    columns = ["_".join(cell.strip().lower().split()) for cell in cells]
    errors = [_missing(name) for name in required if name not in columns]
    errors += [
        RowError(1, name, "", f"This column is not known. Known are: {', '.join(known)}.")
        for name in columns
        if name and name not in known
    ]
    errors += [
        RowError(1, name, "", "This column is there twice.") for name in known if columns.count(name) > 1
    ]
    if errors:
        raise FileRefused(errors)
    return columns


def _missing(name: str) -> RowError:
    return RowError(1, name, "", "This column is missing.")


def _by_column(columns: Sequence[str], cells: Sequence[str], line: int) -> dict[str, str]:
    if any(cell.strip() for cell in cells[len(columns) :]):
        raise FileRefused(
            [RowError(line, "", "", "This row has more cells than the heading. Is a quotation mark missing?")]
        )
    filled = [*cells, *[""] * (len(columns) - len(cells))]
    return {name: cell.strip() for name, cell in zip(columns, filled, strict=False) if name}
