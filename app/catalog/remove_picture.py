"""Take a picture off a product, or put it before the others."""

from __future__ import annotations

from datetime import datetime

from app.catalog.models import Product, ProductImage
from app.extensions import db
from app.shared import history
from app.shared.errors import NotFound
from app.shared.history import Actor
from app.shared.transaction import lock, retry_lost_races, transaction


@retry_lost_races
def remove_picture(product_id: int, image_id: int, *, actor: Actor, now: datetime) -> None:
    """The row goes; the files stay, because another product may show the same picture."""
    with transaction():
        image = _get(product_id, image_id)
        history.record(
            "product", product_id, "picture_removed", actor=actor, at=now, picture=image.stored_name
        )
        db.session.delete(image)


@retry_lost_races
def put_picture_first(product_id: int, image_id: int, *, actor: Actor, now: datetime) -> None:
    """Listings show the first one."""
    with transaction():
        first = _get(product_id, image_id)
        query = (
            db.select(ProductImage)
            .filter_by(product_id=product_id)
            .order_by(ProductImage.position, ProductImage.id)
        )
        others = [image for image in db.session.scalars(query) if image.id != first.id]
        for position, image in enumerate([first, *others]):
            image.position = position
        history.record(
            "product", product_id, "picture_put_first", actor=actor, at=now, picture=first.stored_name
        )


def _get(product_id: int, image_id: int) -> ProductImage:
    lock(Product, product_id)
    image: ProductImage | None = db.session.get(ProductImage, image_id)
    if image is None or image.product_id != product_id:
        raise NotFound()
    return image
