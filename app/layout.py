"""What every page's frame needs: categories, the cart's count and sum, who looks, the notice line."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request, url_for
from werkzeug.local import LocalProxy

from app.businesses.access import Viewer
from app.businesses.viewer import get_viewer
from app.carts.badge import CartBadge, get_cart_badge
from app.catalog.tree import CategoryNode, list_category_tree
from app.settings import Settings
from app.shop.queries import TextPageLink, find_shop, list_text_page_links


@dataclass
class Layout:
    """Read lazily: a fragment that shows no frame pays for none of it."""

    search_query: str = field(default="")

    @cached_property
    def viewer(self) -> Viewer:
        return get_viewer()

    @cached_property
    def categories(self) -> list[CategoryNode]:
        return list_category_tree()

    @cached_property
    def cart(self) -> CartBadge:
        return get_cart_badge(self.viewer)

    @cached_property
    def text_pages(self) -> list[TextPageLink]:
        return list_text_page_links()

    @cached_property
    def notice(self) -> str | None:
        shop = find_shop()
        return shop.notice or None if shop else None


_DIGESTS: dict[str, str] = {}


def asset(name: str) -> str:
    """The address of a static file with a digest of its content, so that it may be kept for a year."""
    if name not in _DIGESTS or current_app.debug:
        path = Path(current_app.static_folder or "") / name
        stat = path.stat()
        _DIGESTS[name] = f"{stat.st_size:x}{int(stat.st_mtime):x}"
    return url_for("static", filename=name, v=_DIGESTS[name])


def in_full(path: str) -> str:
    """A path with the shop's own address before it, whatever host the request named."""
    settings: Settings = current_app.extensions["settings"]
    return settings.site_url + path


def init_layout(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.globals["in_full"] = in_full

    @app.context_processor
    def frame() -> dict[str, Any]:
        # A proxy, so that a fragment that does not name the shop does not read it.
        return {"shop": LocalProxy(find_shop), "layout": Layout(search_query=request.args.get("q", "")[:100])}
