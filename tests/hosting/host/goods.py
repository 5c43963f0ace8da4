"""What visitors of a load test look at and buy, out of the shop's own database."""

from __future__ import annotations

from sandbox.demo.people import BUSINESSES, DEMO_PASSWORD
from tests.hosting.host.database import ask
from tests.hosting.host.deploy_files import Server
from tests.hosting.host.steady_load import Buyer
from tests.servers import MariaDB

_ALWAYS = ["/", "/catalog", "/cart", "/search?q=soap", "/healthz"]
_MORE = 90_000


class Goods:
    """One sku that never runs out (`sku_id`, with `pack` units in a case), and some pages to read."""

    def __init__(self, mariadb: MariaDB, database: str):
        self._mariadb, self._database = mariadb, database
        [(sku_id, pack)] = self._ask(
            "SELECT id, case_pack FROM skus WHERE is_active AND minimum_quantity <= case_pack ORDER BY case_pack, id LIMIT 1"
        )
        self.sku_id, self.pack = int(str(sku_id)), int(str(pack))
        self._ask(
            f"UPDATE stock SET available = available + {_MORE}, received = received + {_MORE} WHERE sku_id = {self.sku_id}"
        )
        categories = self._ask("SELECT slug FROM categories ORDER BY id LIMIT 1")
        products = self._ask("SELECT slug FROM products WHERE is_active ORDER BY id LIMIT 2")
        self.pages = [
            *_ALWAYS,
            *(f"/catalog/{slug}" for (slug,) in categories),
            *(f"/products/{slug}" for (slug,) in products),
        ]

    def _ask(self, question: str) -> list[tuple[object, ...]]:
        return ask(self._mariadb, self._database, question)

    def cases_in_carts(self) -> int:
        """How many cases of it lie in all carts together."""
        [(count,)] = self._ask(
            f"SELECT COALESCE(SUM(quantity), 0) FROM cart_lines WHERE sku_id = {self.sku_id}"
        )
        return int(str(count)) // self.pack


def sign_in_buyers(server: Server, most: int) -> list[Buyer]:
    """Of the demo's approved businesses, each with a cart of their own."""
    approved = [each for each in BUSINESSES if each.status == "approved"]
    emails = [person.email for each in approved for person in each.people if person.is_active]
    return [Buyer(server.url, str(server.certificate), email, DEMO_PASSWORD) for email in emails[:most]]
