"""An upgrade that is not done, in words: what is wrong, and what to do."""

from __future__ import annotations


class UpgradeRefused(Exception):
    """The message is for the owner. What it stands before says whether anything was changed."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message
