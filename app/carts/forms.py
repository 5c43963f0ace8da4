"""The shape of what the cart's small forms send. They carry no prices: none that came in would be believed."""

from __future__ import annotations

from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from app.carts.additions import Addition
from app.catalog.quantities import WrongQuantity, parse_quantity

# One page of a table never has more rows; whatever is beyond was not made by our pages.
MOST_ROWS = 500
_LONGEST_TYPED = 40


@dataclass(frozen=True, slots=True)
class AddForm:
    """What an "Add" sends: `sku_id` and `quantity`, once or for every row of a table; blank rows are left out.

    `only` names the one row whose button was pressed; `fix`, "7:48", is the press on a right quantity that was offered.
    No `quantity` at all asks for the least that can be ordered.
    """

    additions: tuple[Addition, ...]
    next: str
    is_table: bool
    # The row of a table whose own button was pressed: its note is where the answer belongs.
    row_id: int = 0

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> AddForm:
        additions = _read_additions(form)
        is_of_row = bool(form.get("only") or form.get("fix"))
        is_table = len(form.getlist("sku_id")) > 1 and not is_of_row
        row_id = additions[0].sku_id if is_of_row and additions else 0
        return cls(additions[:MOST_ROWS], form.get("next", ""), is_table, row_id)


def _read_additions(form: MultiDict[str, str]) -> tuple[Addition, ...]:
    fixed, _, right = form.get("fix", "").partition(":")
    if right:
        return (Addition(read_id(fixed), right[:_LONGEST_TYPED]),)
    skus = form.getlist("sku_id")
    typed = [text[:_LONGEST_TYPED] for text in form.getlist("quantity")]
    if not typed:
        return tuple(Addition(read_id(sku)) for sku in skus[:1])
    if only := form.get("only"):
        return tuple(
            Addition(read_id(sku), text) for sku, text in zip(skus, typed, strict=False) if sku == only
        )
    if len(skus) == 1:
        return (Addition(read_id(skus[0]), typed[0]),)
    rows = zip(skus, typed, strict=False)
    return tuple(Addition(read_id(sku), text) for sku, text in rows if text.strip() not in {"", "0"})


def read_quantity(form: MultiDict[str, str]) -> tuple[int, str]:
    """The units wanted and what was typed; a pressed `fix` button wins over the box. WrongQuantity for no number."""
    typed = (form.get("fix") or form.get("quantity", ""))[:_LONGEST_TYPED]
    return parse_quantity(typed), typed


def read_undo(form: MultiDict[str, str]) -> tuple[int, int]:
    """The sku and the units to put back; (0, 0) for anything our page did not send."""
    try:
        return read_id(form.get("sku_id", "")), parse_quantity(form.get("quantity", "")[:_LONGEST_TYPED])
    except WrongQuantity:
        return 0, 0


def read_id(text: str) -> int:
    """An id out of a form; 0, which nothing has, for anything that is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
