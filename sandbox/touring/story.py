"""Who takes part in the tour, and what they carry from step to step."""

import time
from dataclasses import dataclass, field

from sandbox.demo.people import DEMO_PASSWORD, GREEN_MOUNTAIN, STAFF
from sandbox.touring.outside import Ledger, Mailbox
from sandbox.touring.person import Page, Person
from sandbox.touring.report import Report

STAFF_MAILBOX = "orders@harborandpine.example"


@dataclass(frozen=True)
class Newcomer:
    """Somebody no shop has seen before: a fresh stamp makes the address, the business and its EIN new each time."""

    stamp: str = field(default_factory=lambda: f"{time.time_ns() // 10**6 % 10**9:09d}")

    @property
    def name(self) -> str:
        return "Mara Lindgren"

    @property
    def email(self) -> str:
        return f"mara@rosehip-{self.stamp}.example"

    @property
    def password(self) -> str:
        return f"rosehip and rye {self.stamp}"

    @property
    def legal_name(self) -> str:
        return f"Rosehip & Rye {self.stamp} LLC"

    @property
    def ein(self) -> str:
        """Typed as people type it. 01 is a prefix the IRS assigns."""
        return f"01-{self.stamp[-7:]}"


@dataclass
class Goods:
    """One product the story is about: its page, what a case holds, and its price as an approved buyer reads it."""

    path: str
    name: str
    case_pack: int
    minimum: int
    price: str


class Story:
    """Three people in one shop. `mara` is new, `hannah` may buy already, `ruth` is the shop's owner."""

    def __init__(self, shop: str, report: Report, mailbox: Mailbox, ledger: Ledger, patience: float):
        self.report = report
        self.mailbox = mailbox
        self.ledger = ledger
        self.patience = patience
        self.newcomer = Newcomer()
        self.mara = Person("Mara, who is new,", shop)
        self.hannah = Person("Hannah, an approved buyer,", shop)
        self.ruth = Person("Ruth, the shop's owner,", shop)
        self.hannah.sees_prices = self.ruth.sees_prices = True
        self.hannah_email = GREEN_MOUNTAIN.people[1].email
        self.ruth_email = STAFF[0].email
        # What Hannah found in stock and sold by the case; the first is the one prices are compared by.
        self.shelf: list[Goods] = []

    @property
    def chosen(self) -> Goods:
        return self.shelf[0]

    def sign_in(self, person: Person, email: str, password: str = DEMO_PASSWORD) -> Page:
        page = person.open("/login")
        return page.press("Sign in", {"E-mail address": email, "Password": password}, within="main")

    def close(self) -> None:
        for person in (self.mara, self.hannah, self.ruth):
            person.close()
