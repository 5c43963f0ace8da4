"""What the shop sent, as a test reads it."""

from __future__ import annotations

from sandbox.mail import MailCatcher
from sandbox.mail.message import Caught


class Mails:
    """What the shop sent in this test; mail goes out only when the jobs run."""

    def __init__(self, catcher: MailCatcher):
        self.catcher = catcher

    def all(self) -> list[Caught]:
        """Every mail, oldest first."""
        return self.catcher.box.list_newest_first()[::-1]

    def to(self, address: str) -> list[Caught]:
        """The mails to one address, oldest first."""
        return [mail for mail in self.all() if mail.is_for(address)]

    def last_to(self, address: str) -> Caught:
        found = self.to(address)
        assert found, f"no mail to {address}; there are {[(mail.to, mail.subject) for mail in self.all()]}"
        return found[-1]
