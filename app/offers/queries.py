"""Product cards and pages as this viewer may see them, each in a fixed number of queries.

For a viewer who sees no prices neither breaks nor stock are even read: what is not there cannot leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from app.businesses.access import Viewer
from app.catalog.models import Product, ProductImage
from app.catalog.pictures import Picture
from app.catalog.queries import get_product_with_images, list_neighbour_ids, list_newest_ids
from app.offers.build import in_order
from app.offers.kept_cards import find_cards, list_stocked
from app.offers.views import ProductCard, ProductDetails, SkuRow

_NEIGHBOURS = 6


def list_cards(product_ids: Sequence[int], viewer: Viewer, today: date) -> tuple[ProductCard, ...]:
    """The products in this order: one query for the stock, and two more where not all cards are kept."""
    return list_stocked(in_order(product_ids, find_cards(product_ids, viewer)), viewer, today)


def list_newest_cards(limit: int, viewer: Viewer, today: date) -> tuple[ProductCard, ...]:
    """The products added last, newest first; as many queries as list_cards."""
    return list_cards(list_newest_ids(limit), viewer, today)


def get_product_details(slug: str, chosen_code: str, viewer: Viewer, today: date) -> ProductDetails:
    """A product's page with one sku chosen (by its code, else the first); NotFound for no or an inactive product."""
    product, images = get_product_with_images(slug)
    neighbours = [
        each for each in list_neighbour_ids(product.category_id, _NEIGHBOURS + 1) if each != product.id
    ]
    neighbours = neighbours[:_NEIGHBOURS]
    cards = find_cards([product.id, *neighbours], viewer)
    own = list_stocked(in_order([product.id], cards), viewer, today)
    rows = own[0].rows if own else ()
    chosen = next((row for row in rows if row.code == chosen_code.strip().upper()), rows[0] if rows else None)
    return ProductDetails(
        product_id=product.id,
        category_id=product.category_id,
        name=product.name,
        slug=product.slug,
        brand=product.brand,
        summary=product.summary,
        description=product.description,
        pictures=_pictures_for(chosen, product, images),
        rows=rows,
        chosen=chosen,
        neighbours=in_order(neighbours, cards),
    )


def _pictures_for(
    chosen: SkuRow | None, product: Product, images: Sequence[ProductImage]
) -> tuple[Picture, ...]:
    """All pictures, those of the chosen sku first."""
    first = chosen.sku_id if chosen else None
    ordered = sorted(images, key=lambda image: image.sku_id != first)  # stable: the rest stay as they are
    return tuple(Picture.of(image, product.name) for image in ordered)
