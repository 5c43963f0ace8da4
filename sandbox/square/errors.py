"""Square's way of saying no."""

from typing import Any

Json = dict[str, Any]


class SquareError(Exception):
    """One refused call: HTTP status, and Square's category, code, detail and field."""

    def __init__(
        self, category: str, code: str, detail: str, *, field: str | None = None, status: int = 400
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.category, self.code, self.detail, self.field, self.status = category, code, detail, field, status

    def to_body(self) -> Json:
        """The answer's JSON: `{"errors": [{category, code, detail, field?}]}`."""
        error = {"category": self.category, "code": self.code, "detail": self.detail}
        return {"errors": [error | ({"field": self.field} if self.field else {})]}


def invalid(code: str, detail: str, field: str | None = None, status: int = 400) -> SquareError:
    """An INVALID_REQUEST_ERROR: the caller's request is at fault."""
    return SquareError("INVALID_REQUEST_ERROR", code, detail, field=field, status=status)


def not_found(what: str, identity: str) -> SquareError:
    """404 NOT_FOUND, naming what was looked for."""
    return invalid("NOT_FOUND", f"There is no {what} with the id {identity!r}.", status=404)


def version_mismatch(field: str) -> SquareError:
    """The caller holds an older version of the payment than the one stored."""
    return invalid("VERSION_MISMATCH", "The payment changed since this version token was issued.", field)
