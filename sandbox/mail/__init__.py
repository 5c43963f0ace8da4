"""A mail catcher: takes every message the shop sends, delivers none, and shows them on a page."""

from sandbox.mail.server import MailCatcher

__all__ = ["MailCatcher"]
