"""Put the whole demo shop into an empty database; a second time nothing changes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tqdm import tqdm

from app.extensions import cache
from app.payments.gateway import PaymentGateway
from app.storage.shelves import Shelves
from sandbox.demo.demo_bank import DemoBank
from sandbox.demo.orders import load_orders
from sandbox.demo.seed_goods import seed_goods
from sandbox.demo.seed_messages import seed_messages
from sandbox.demo.seed_orders import seed_open_cart, seed_orders
from sandbox.demo.seed_people import seed_people, suspend_suspended
from sandbox.demo.seed_pictures import ALL, list_drawings, seed_pictures
from sandbox.demo.seed_shop import seed_shop


@dataclass(frozen=True)
class Seeded:
    """How many of each were added; `asked_bank` is False where payments were told as history only."""

    added: dict[str, int] = field(default_factory=dict)
    asked_bank: bool = False

    @property
    def is_nothing_new(self) -> bool:
        return not any(self.added.values())

    def in_words(self) -> str:
        """ "120 products, 40 orders"."""
        return ", ".join(f"{count} {name}" for name, count in self.added.items() if count)


def seed_demo(
    *,
    now: datetime,
    shelves: Shelves,
    gateway: PaymentGateway | None = None,
    pictures: str = ALL,
    is_quiet: bool = False,
) -> Seeded:
    """Add whatever of the demo shop is missing, inside an app context; NotADemoDatabase when another shop lives here.

    `gateway` is asked for the payments of the demo's orders and must be a stand-in, never a real provider.
    `pictures` is "all", "main" (one a product) or "none". Pictures come last: the shop is usable before.
    """
    bank = DemoBank(gateway)
    drawings = list_drawings(pictures)
    steps: list[tuple[str, Callable[[], int]]] = [
        ("settings", seed_shop),
        ("products and categories", lambda: seed_goods(now)),
        ("people", lambda: seed_people(now, shelves.papers)),
        ("orders", lambda: seed_orders(now, bank, bar.update)),
        ("suspensions", lambda: suspend_suspended(now)),
        ("cart lines", lambda: seed_open_cart(now)),
        ("messages", lambda: seed_messages(now)),
        ("pictures", lambda: seed_pictures(drawings, shelves.pictures, bar.update)),
    ]
    total = len(steps) + len(load_orders()) + len(drawings)
    added: dict[str, int] = {}
    with tqdm(
        total=total, disable=is_quiet, unit="", bar_format="{desc:24}{bar:30} {percentage:3.0f}%"
    ) as bar:
        for name, step in steps:
            bar.set_description(f"Seeding {name}")
            added[name] = step()
            bar.update()
        bar.set_description("Seeded")
        bar.update(total - bar.n)
    cache.clear()
    return Seeded(added, bank.is_asked)
