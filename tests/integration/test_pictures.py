"""Pictures of the catalogue as pages name them and as they are served."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from app.accounts.models import User
from app.catalog.models import ProductImage
from app.catalog.pictures import StoredPicture, picture_url, srcset, store_picture
from app.extensions import db
from app.shared.transaction import transaction
from app.storage.shelves import get_shelves
from tests.client import ShopClient, read_html, sign_in
from tests.factories import make_buyer, make_product, make_shop, make_sku

pytestmark = pytest.mark.usefixtures("app")


def a_picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1600, 1000), "red").save(buffer, "JPEG")
    return buffer.getvalue()


def put_on_page(instance: Path) -> tuple[User, StoredPicture]:
    make_shop()
    product = make_product("Soap", slug="soap")
    make_sku(product)
    stored = store_picture(a_picture(), shelf=get_shelves().pictures)
    with transaction():
        db.session.add(
            ProductImage(
                product_id=product.id, stored_name=stored.stored_name, width=stored.width, height=stored.height,
                widths=list(stored.widths), alt="A bar of soap",
            )
        )  # fmt: skip
    return make_buyer(), stored


def test_a_page_shows_it_with_sizes_and_width_and_height(client: ShopClient, instance: Path) -> None:
    put_on_page(instance)
    image = read_html(client.get("/products/soap")).select_one(".product__pictures img")
    assert image is not None
    assert (image["width"], image["height"], image["alt"]) == ("1200", "750", "A bar of soap")
    assert str(image["srcset"]).count(".webp") == 4
    assert image.get("loading") is None
    with client.get(str(image["src"])) as response:
        assert response.status_code == 200


def test_it_may_be_kept_for_a_year_by_anyone_even_for_somebody_signed_in(
    client: ShopClient, instance: Path
) -> None:
    buyer, stored = put_on_page(instance)
    sign_in(client, buyer)
    with client.application.test_request_context():
        address = picture_url(stored, 300)
        assert srcset(stored).startswith("/media/")
    assert "320.webp" in address
    with client.get(address) as response:
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "image/webp"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        kept = response.headers["Cache-Control"]
    assert "public" in kept
    assert "max-age=31536000" in kept
    assert "no-store" not in kept


@pytest.mark.parametrize(
    "name",
    [
        "../shop.db", "..%2Fshop.db", "%2e%2e/shop.db", "shop.db", "a" * 32 + "-160.webp", "x.webp",
        "A" * 32 + "-160.webp", "a" * 32 + "-160.webp%00", "a" * 32 + "-160.webp.part", "a" * 32 + "-160.WEBP",
    ],
)  # fmt: skip
def test_nothing_else_is_ever_served(client: ShopClient, instance: Path, name: str) -> None:
    put_on_page(instance)
    assert client.get(f"/media/{name}").status_code == 404
