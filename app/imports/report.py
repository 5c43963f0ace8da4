"""What an import did, in numbers and in words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ImportReport:
    """Counts up while the file is written. `stock_left_alone` are skus whose stock the file named but which existed."""

    is_dry_run: bool = False
    rows: int = 0
    new_categories: int = 0
    new_products: int = 0
    changed_products: int = 0
    new_skus: int = 0
    changed_skus: int = 0
    stock_left_alone: int = 0

    @property
    def lines(self) -> list[str]:
        """What the person who ran it reads."""
        lines = [
            f"{self.rows:,} rows read.",
            f"Products: {self.new_products:,} new, {self.changed_products:,} changed.",
            f"SKUs: {self.new_skus:,} new, {self.changed_skus:,} changed.",
        ]
        if self.new_categories:
            lines.append(f"Categories: {self.new_categories:,} new.")
        if self.stock_left_alone:
            lines.append(
                f"Stock of {self.stock_left_alone:,} SKUs that were here before was left alone: "
                "orders change it all the time. Correct it in the back office."
            )
        if self.is_dry_run:
            lines.append("This was a dry run: nothing was written.")
        return lines
