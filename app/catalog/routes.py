"""Browse, search and look at products."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.businesses.viewer import get_viewer
from app.catalog.pictures import picture_url, srcset
from app.catalog.queries import PageOfIds, Sort, list_product_page
from app.catalog.search import search_products
from app.catalog.search_words import clean
from app.catalog.tree import CategoryNode, find_path, find_path_by_id, list_category_tree
from app.offers.build import cheapest_rows_first
from app.offers.by_price import list_page_by_price
from app.offers.listing import Choices, Listing, read_choices, sorts_for
from app.offers.no_price import why_no_price
from app.offers.queries import get_product_details, list_cards
from app.settings import Settings
from app.shared import clock
from app.shared.errors import NotFound
from app.shared.safe_answers import cookie_name
from app.shop.queries import shop_today
from app.web import page, page_or_fragment, wants_fragment

blueprint = Blueprint("catalog", __name__)
blueprint.add_app_template_global(picture_url)
blueprint.add_app_template_global(srcset)

_YEAR = 365 * 24 * 3600


@blueprint.get("/catalog")
def index() -> Response:
    """Everything the shop sells."""
    get_viewer()  # whose query brings the stamps along, so that none is needed for them
    tree = list_category_tree()
    found = _find(None, sum(node.product_count for node in tree))
    listing = _build_listing(found, "catalog.index")
    return _answer(listing, "catalog/index.html", categories=tree)


@blueprint.get("/catalog/<category>")
def category(category: str) -> Response:
    """A category with everything below it."""
    get_viewer()
    path = find_path(category)
    if not path:
        raise NotFound("We have no such category, or no longer.")
    node = path[-1]
    listing = _build_listing(_find(node, node.product_count), "catalog.category", category=node.slug)
    beside = path[-2].children if len(path) > 1 else tuple(list_category_tree())
    return _answer(listing, "catalog/category.html", trail=_trail(path), category=node, beside=beside)


@blueprint.get("/search")
def search() -> Response:
    """Products by name, sku or barcode."""
    text = clean(request.args.get("q", ""))
    found = search_products(text, _choices().page)
    listing = _build_listing(found, "catalog.search", q=text)
    return _answer(listing, "catalog/search.html", text=text, categories=list_category_tree())


@blueprint.get("/products/<slug>")
def product(slug: str) -> Response:
    """A product, with the sku chosen by `?sku=` or its first."""
    viewer = get_viewer()
    details = get_product_details(slug, request.args.get("sku", ""), viewer, shop_today(clock.now()))
    return page(
        "catalog/product.html",
        product=details,
        trail=[*_trail(find_path_by_id(details.category_id)), (details.name, "")],
        no_price=why_no_price(viewer),
    )


def _trail(path: tuple[CategoryNode, ...]) -> list[tuple[str, str]]:
    """Names and addresses from the whole catalogue down."""
    return [("All products", url_for("catalog.index")), *((node.name, node.url) for node in path)]


def _choices() -> Choices:
    return read_choices(request.args, request.cookies.get(_view_cookie()), get_viewer())


def _find(node: CategoryNode | None, count: int) -> PageOfIds:
    choices, ids = _choices(), node.ids if node else None
    if choices.sort is Sort.PRICE:
        return list_page_by_price(ids, get_viewer(), choices.page, count)
    return list_product_page(ids, choices.sort, choices.page, count)


def _build_listing(found: PageOfIds, endpoint: str, **place: str) -> Listing:
    viewer, choices = get_viewer(), _choices()
    cards = list_cards(found.ids, viewer, shop_today(clock.now()))
    if choices.sort is Sort.PRICE:
        cards = tuple(cheapest_rows_first(card) for card in cards)
    return Listing(
        cards=cards,
        found=found,
        choices=Choices(choices.sort, found.page, choices.view),
        sorts=() if endpoint == "catalog.search" else sorts_for(viewer),
        endpoint=endpoint,
        place=place,
    )


def _answer(listing: Listing, template: str, **needs: Any) -> Response:
    no_price = why_no_price(get_viewer())
    words = listing.count_words if wants_fragment() else ""
    needs |= {"listing": listing, "no_price": no_price}
    response = page_or_fragment(template, "catalog/_listing.html", announce=words, **needs)
    if "view" in request.args:
        _remember_view(response, listing.choices)
    return response


def _remember_view(response: AnyResponse, choices: Choices) -> None:
    settings: Settings = current_app.extensions["settings"]
    response.set_cookie(
        _view_cookie(),
        choices.view.value,
        max_age=_YEAR,
        secure=settings.is_https,
        httponly=True,
        samesite="Lax",
    )


def _view_cookie() -> str:
    settings: Settings = current_app.extensions["settings"]
    return cookie_name("listing_view", is_https=settings.is_https)
