"""Commands that are imported when they are run, so that a page pays neither time nor memory for them."""

from __future__ import annotations

import importlib
from typing import Any

import click


class LateCommand(click.Command):
    """Stands in for the command or group at "module:name" until somebody calls it."""

    def __init__(self, name: str, target: str, help_text: str, *, hidden: bool = False):
        super().__init__(name, help=help_text, hidden=hidden)
        self._target = target

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """The real command's context: from here on click deals with that one."""
        module, _, name = self._target.partition(":")
        real: click.Command = getattr(importlib.import_module(module), name)
        return real.make_context(info_name, args, parent, **extra)
