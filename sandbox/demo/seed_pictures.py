"""Seed the drawn pictures: one of each product, and one of each other color or scent it comes in.

Drawing and storing one takes about a quarter of a second, so several processes share the work.
"""

import multiprocessing
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from io import BytesIO

from app.catalog.models import Product, ProductImage, Sku
from app.catalog.pictures import MadePicture, StoredPicture, make_picture, put_files
from app.extensions import db
from app.shared.transaction import transaction
from app.storage.contract import Shelf
from sandbox.demo.catalogue import DemoProduct, load_catalogue
from sandbox.demo.pictures import draw_product
from sandbox.demo.pictures.colour import find_variant_colour

MOST_PROCESSES = 4
# A product's other colors are drawn smaller: that saves a fifth of a second on each.
OWN_WIDTH, COLOR_WIDTH = 1200, 800
MAIN, ALL, NONE = "main", "all", "none"


@dataclass(frozen=True)
class Drawing:
    """One picture to make. `sku_code` is empty for the product's own picture."""

    slug: str
    kind: str
    palette: str
    label: str
    variant: str | None
    sku_code: str
    position: int

    @property
    def alt(self) -> str:
        """What is said to who cannot see it."""
        return f"{self.label}, {self.variant}" if self.variant else self.label


def list_drawings(which: str) -> list[Drawing]:
    """What there is to draw: nothing, one a product, or every color too. Product pictures come first."""
    if which == NONE:
        return []
    products = load_catalogue().products
    own = [_drawing(product, product.main_variant, "", 0) for product in products]
    return own if which == MAIN else own + [each for product in products for each in _variants(product)]


def _variants(product: DemoProduct) -> list[Drawing]:
    shown = [
        sku
        for sku in product.skus
        if sku.variant != product.main_variant and find_variant_colour(sku.variant)
    ]
    return [_drawing(product, sku.variant, sku.code, place) for place, sku in enumerate(shown, start=1)]


def _drawing(product: DemoProduct, variant: str | None, sku_code: str, position: int) -> Drawing:
    return Drawing(product.slug, product.picture, product.range, product.label, variant, sku_code, position)


def seed_pictures(drawings: list[Drawing], shelf: Shelf, done: Callable[[], object]) -> int:
    """Draw what is missing of them, put it on the shelf, calling `done` after each; returns how many."""
    missing = _missing(drawings)
    if not missing:
        return 0
    # Fresh processes, not forks: the database connection of this one must not be shared.
    fresh = multiprocessing.get_context("spawn")
    workers = min(MOST_PROCESSES, os.cpu_count() or 1, len(missing))
    with ProcessPoolExecutor(workers, mp_context=fresh) as pool:
        waiting = [(drawing, pool.submit(draw, drawing)) for drawing in missing]
        for drawing, made in waiting:
            put_files(made.result(), shelf)
            _add(drawing, made.result().stored)
            done()
    return len(missing)


def draw(drawing: Drawing) -> MadePicture:
    """Draw one and make its files; runs in a process of its own."""
    width = COLOR_WIDTH if drawing.sku_code else OWN_WIDTH
    picture = draw_product(
        drawing.kind, drawing.palette, drawing.label, drawing.slug, drawing.variant, width=width
    )
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return make_picture(buffer.getvalue())


def _missing(drawings: list[Drawing]) -> list[Drawing]:
    """A product keeps its pictures as they are once it has one in that place."""
    query = db.select(Product.slug, ProductImage.position).join(
        ProductImage, ProductImage.product_id == Product.id
    )
    there = {(slug, position) for slug, position in db.session.execute(query)}
    db.session.rollback()
    return [each for each in drawings if (each.slug, each.position) not in there]


def _add(drawing: Drawing, stored: StoredPicture) -> None:
    with transaction():
        product_id = db.session.scalars(db.select(Product.id).filter_by(slug=drawing.slug)).one()
        sku_id = None
        if drawing.sku_code:
            sku_id = db.session.scalars(db.select(Sku.id).filter_by(code=drawing.sku_code)).one()
        db.session.add(
            ProductImage(
                product_id=product_id,
                sku_id=sku_id,
                stored_name=stored.stored_name,
                alt=drawing.alt,
                width=stored.width,
                height=stored.height,
                widths=list(stored.widths),
                position=drawing.position,
            )
        )
