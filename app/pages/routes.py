"""The home page, the owner's text pages, pictures, and what machines ask for."""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    current_app,
    jsonify,
    make_response,
    request,
    send_file,
    send_from_directory,
)

from app.businesses.viewer import get_viewer
from app.catalog.pictures import is_safe_name
from app.catalog.tree import CategoryNode, list_category_tree
from app.health_check.arrival import tell_arrival
from app.health_check.readiness import check_everything, list_services, tell_background
from app.health_check.tell_standstill import tell_standstill
from app.offers.no_price import why_no_price
from app.offers.queries import list_newest_cards
from app.orders.queries import list_for_business
from app.pages.paragraphs import read_paragraphs
from app.pages.security_txt import write_security_txt
from app.settings import Settings
from app.shared import clock
from app.shared.errors import NotFound
from app.shop.queries import find_shop, get_text_page, shop_today
from app.storage.contract import StorageAway
from app.storage.shelves import get_shelves
from app.web import after_answer, page

blueprint = Blueprint("pages", __name__)

_YEAR = 365 * 24 * 3600
_RETRY_SECONDS = 30
# Whole rows on a wide screen, and on a phone.
_NEW_ON_HOME = 10
_TILES_ON_HOME = 12
_ORDERS_ON_HOME = 3


@blueprint.get("/")
def home() -> Response:
    """What this shop is, for a visitor; where to go on, for a buyer."""
    viewer = get_viewer()
    orders = []
    if viewer.sees_prices and viewer.business_id is not None:
        orders = list_for_business(viewer.business_id).rows[:_ORDERS_ON_HOME]
    return page(
        "pages/home.html",
        categories=_pick_tiles(list_category_tree()),
        cards=list_newest_cards(_NEW_ON_HOME, viewer, shop_today(clock.now())),
        no_price=why_no_price(viewer),
        orders=orders,
    )


@blueprint.get("/pages/<slug>")
def text_page(slug: str) -> Response:
    """A page of text the owner wrote."""
    found = get_text_page(slug)
    return page("pages/text_page.html", text_page=found, paragraphs=read_paragraphs(found.body))


@blueprint.get("/media/<name>")
def media(name: str) -> Response:
    """A public picture. Its name is a digest of what it shows, so it may be kept for ever, and who has it has it."""
    if not is_safe_name(name):
        raise NotFound()
    if request.if_none_match.contains(name):
        response = make_response("", 304)
        response.set_etag(name)
        return _kept_for_ever(response)
    try:
        picture = get_shelves().pictures.open(name)
    except StorageAway:
        return _no_picture_now()
    response = send_file(picture.stream, mimetype="image/webp", etag=name)
    response.content_length = picture.size
    return _kept_for_ever(response)


def _kept_for_ever(response: Response) -> Response:
    response.cache_control.max_age = _YEAR
    response.cache_control.no_cache = None
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _no_picture_now() -> Response:
    """A few words and no page: nobody reads what stands in place of a picture."""
    response = make_response("The picture cannot be fetched just now.\n", 503)
    response.mimetype = "text/plain"
    response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return _uncached(response)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Alive: this process answers. The shop's own check is also told how its question arrived."""
    settings: Settings = current_app.extensions["settings"]
    return _uncached(jsonify(status="alive", **tell_arrival(request, settings)))


@blueprint.get("/readyz")
def readyz() -> Response:
    """Ready: each part by name; 503 when one is not well. Outside services that rest, and background work
    that stands still, are told and change nothing; of the latter staff get a mail once this is answered."""
    checks = check_everything()
    is_good = all(check.is_good for check in checks)
    background = tell_background()
    parts = {
        check.name: {"ok": check.is_good, "says": check.words, "ms": check.milliseconds} for check in checks
    }
    response = _uncached(
        jsonify(
            status="ready" if is_good else "not ready",
            checks=parts,
            background=background,
            services=list_services(),
        )
    )
    response.status_code = 200 if is_good else 503
    if not background["ok"]:
        after_answer(response, tell_standstill)
    return response


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Search engines are welcome to the catalogue; carts, accounts and endless searches are not for them."""
    closed = (
        "/account",
        "/admin",
        "/cart",
        "/checkout",
        "/login",
        "/orders",
        "/password",
        "/register",
        "/search",
        "/verify",
    )
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed)]
    response = make_response("\n".join(lines) + "\n")
    response.mimetype = "text/plain"
    return response


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Where to write about a hole in the shop."""
    shop = find_shop()
    settings: Settings = current_app.extensions["settings"]
    email = shop.email if shop else ""
    response = make_response(write_security_txt(email=email, site_url=settings.site_url, now=clock.now()))
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """For browsers that ask without looking at the page first."""
    response = send_from_directory(str(current_app.static_folder), "icon.svg", max_age=_YEAR)
    response.cache_control.public = True
    return response


def _pick_tiles(tree: list[CategoryNode]) -> list[CategoryNode]:
    """The lowest shelves that have something on them: they say more than the few words above them."""
    lowest = [child for node in tree for child in (node.children or (node,))]
    return [node for node in lowest if node.product_count][:_TILES_ON_HOME]


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
