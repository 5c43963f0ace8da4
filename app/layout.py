"""What every page's frame needs: categories, the cart's count and sum, who looks, the notice line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, render_template, request, url_for
from markupsafe import Markup
from werkzeug.local import LocalProxy

from app.businesses.access import Viewer
from app.businesses.viewer import get_viewer
from app.carts.badge import CartBadge, get_cart_badge
from app.catalog.tree import CategoryNode, list_category_tree
from app.settings import Settings
from app.shared.file_digest import file_digest
from app.shared.kept import keep
from app.shared.stamps import Stamp
from app.shop.queries import find_shop, list_text_page_links

# Beyond so many a bar is no help any more; the catalogue's own pages list them all.
_MOST_IN_BAR = 12
# What the web servers of deploy/ say, too.
_KEPT = "public, max-age=31536000, immutable"


@dataclass
class Layout:
    """Read lazily: a fragment that shows no frame pays for none of it."""

    search_query: str = field(default="")

    @cached_property
    def viewer(self) -> Viewer:
        return get_viewer()

    @cached_property
    def category_items(self) -> Markup:
        """The categories as list items, for the bar and the phone's menu; kept, for they stand on every page."""
        tree = list_category_tree()
        shown, has_more = tree[:_MOST_IN_BAR], len(tree) > _MOST_IN_BAR
        present = next((node.slug for node in shown if node.slug == _present_category()), "")
        return self._part(
            "_category_items.html",
            [Stamp.CATALOGUE],
            present,
            categories=shown,
            present=present,
            has_more=has_more,
        )

    def category_links(self, links: Sequence[CategoryNode], present: CategoryNode | None) -> Markup:
        """The column beside a listing: the categories of its level, or with none present those at the top."""
        needs = {"links": links, "present": present}
        return self._part(
            "catalog/_category_links.html", [Stamp.CATALOGUE], str(present.id if present else 0), **needs
        )

    @cached_property
    def footer(self) -> Markup:
        """The foot of the page: the same for everybody who sees prices, and for everybody who does not."""
        sees_prices = self.viewer.sees_prices
        needs = {"sees_prices": sees_prices, "text_pages": list_text_page_links()}
        return self._part("_footer.html", [Stamp.SHOP], f"prices {sees_prices}", **needs)

    @cached_property
    def script_parts(self) -> Markup:
        """What the shop's script shows, the same on every page."""
        return self._part("_script_parts.html", [Stamp.SHOP], "")

    @staticmethod
    def _part(template: str, stamps: list[Stamp], key: str, **needs: Any) -> Markup:
        """A part of the frame, rendered once and kept: only what is the same for everybody who has the key in common."""
        html = keep("frame", f"{template}:{key}", stamps, lambda: render_template(template, **needs))
        return Markup(html)  # noqa: S704  # nosec B704  # a template of ours has made it, and escaped what it shows

    @cached_property
    def cart(self) -> CartBadge:
        return get_cart_badge(self.viewer)

    @cached_property
    def notice(self) -> str | None:
        shop = find_shop()
        return shop.notice or None if shop else None


def _present_category() -> str:
    is_one = request.endpoint == "catalog.category" and request.view_args
    return str(request.view_args["category"]) if is_one and request.view_args else ""


def asset(name: str) -> str:
    """The address of a static file with a digest of its content, so that it may be kept for a year."""
    return url_for("static", filename=name, v=file_digest(Path(current_app.static_folder or "") / name))


def _keep_what_was_named(response: Response) -> Response:
    """A year for a static file under the address of this very content.

    Without a digest it is asked for again each time. So it is under the digest of another release: while machines are
    upgraded one after the other, a page of the new one may ask an old one for its files.
    """
    named = request.args.get("v")
    if named and request.endpoint == "static" and response.status_code in {200, 304}:
        path = Path(current_app.static_folder or "") / str((request.view_args or {})["filename"])
        if named == file_digest(path):
            response.headers["Cache-Control"] = _KEPT
    return response


def in_full(path: str) -> str:
    """A path with the shop's own address before it, whatever host the request named."""
    settings: Settings = current_app.extensions["settings"]
    return settings.site_url + path


def init_layout(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["in_full"] = in_full
    app.after_request(_keep_what_was_named)

    @app.context_processor
    def frame() -> dict[str, Any]:
        # A proxy, so that a fragment that does not name the shop does not read it.
        return {"shop": LocalProxy(find_shop), "layout": Layout(search_query=request.args.get("q", "")[:100])}
