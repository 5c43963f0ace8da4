"""Give a product one more picture."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from sqlalchemy import func

from app.catalog.models import Product, ProductImage
from app.catalog.pictures import StoredPicture, store_picture
from app.extensions import db
from app.shared import history
from app.shared.errors import NotFound
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction
from app.storage.contract import Shelf

_LONGEST_ALT = 200


def add_picture(
    product_id: int, data: bytes | IO[bytes], *, alt: str, shelf: Shelf, actor: Actor, now: datetime
) -> int:
    """Store the file and put it after the others; returns the picture's id.

    PictureRefused when it is no picture we can take, StorageAway when it cannot be kept just now. A product with the same picture already keeps it once.
    """
    if db.session.get(Product, product_id) is None:
        raise NotFound()
    stored = store_picture(data, shelf=shelf)  # slow, and nothing to undo: before the transaction
    return _write(product_id, stored, alt, actor, now)


@retry_lost_races
def _write(product_id: int, stored: StoredPicture, alt: str, actor: Actor, now: datetime) -> int:
    with transaction():
        product = lock(Product, product_id)
        known = db.select(ProductImage).filter_by(product_id=product.id, stored_name=stored.stored_name)
        image: ProductImage | None = db.session.scalars(known).first()
        if image is None:
            last = db.session.scalar(
                db.select(func.max(ProductImage.position)).filter_by(product_id=product.id)
            )
            image = ProductImage(
                product_id=product.id,
                stored_name=stored.stored_name,
                width=stored.width,
                height=stored.height,
                widths=list(stored.widths),
                position=0 if last is None else last + 1,
            )
            db.session.add(image)
        image.alt = alt.strip()[:_LONGEST_ALT]
        product.updated_at = now
        history.record(
            "product", product.id, "picture_added", actor=actor, at=now, picture=stored.stored_name
        )
        db.session.flush()
        return image.id
