"""Categories by their path of names; those that are missing are made."""

from __future__ import annotations

from app.catalog.models import Category
from app.catalog.slugs import make_slug
from app.extensions import db
from app.imports.report import ImportReport

_LONGEST_SLUG = 80
_Key = tuple[int | None, str]


class CategoryPaths:
    """Reads all categories once; names are compared without regard to case."""

    def __init__(self, report: ImportReport):
        self._report = report
        rows = list(db.session.scalars(db.select(Category)))
        self._ids: dict[_Key, int] = {(row.parent_id, row.name.casefold()): row.id for row in rows}
        self._slugs = {row.slug for row in rows}
        self._position = max((row.position for row in rows), default=0)

    def find_or_add(self, path: tuple[str, ...]) -> int:
        """The id of the category at the end of the path."""
        parent_id: int | None = None
        for depth, name in enumerate(path):
            found = self._ids.get((parent_id, name.casefold()))
            parent_id = found if found is not None else self._add(parent_id, path[: depth + 1])
        assert parent_id is not None
        return parent_id

    def _add(self, parent_id: int | None, path: tuple[str, ...]) -> int:
        self._position += 1
        row = Category(
            parent_id=parent_id, name=path[-1], slug=self._free_slug(path), position=self._position
        )
        db.session.add(row)
        db.session.flush()
        self._report.new_categories += 1
        self._ids[parent_id, path[-1].casefold()] = row.id
        return row.id

    def _free_slug(self, path: tuple[str, ...]) -> str:
        """Its own name, or where that is taken the whole path, or that with a number."""
        base = make_slug(path[-1], _LONGEST_SLUG) or "category"
        if base in self._slugs:
            base = make_slug(" ".join(path), _LONGEST_SLUG - 6) or base
        slug, number = base, 2
        while slug in self._slugs:
            slug, number = f"{base}-{number}", number + 1
        self._slugs.add(slug)
        return slug
