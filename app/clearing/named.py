"""Which files the shop's rows name."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from app.businesses.models import Upload
from app.catalog.models import ProductImage
from app.catalog.pictures import stem_of
from app.extensions import db

Named = Callable[[Sequence[str]], set[str]]


def named_papers(names: Sequence[str]) -> set[str]:
    """Those of them that a row of a business's papers names."""
    return set(db.session.scalars(db.select(Upload.stored_name).where(Upload.stored_name.in_(names))))


def named_pictures(names: Sequence[str]) -> set[str]:
    """Those of them that belong to a picture of a product, whichever width they are."""
    stems = {stem_of(name) for name in names}
    query = db.select(ProductImage.stored_name).where(ProductImage.stored_name.in_(stems)).distinct()
    found = set(db.session.scalars(query))
    return {name for name in names if stem_of(name) in found}
