"""What a command says when it cannot go on: one plain line and exit status 1, no traceback."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from app.shared.errors import AppError


def in_plain_words(command: Callable[..., None]) -> Callable[..., None]:
    """Around a command: an expected refusal, a file that is not there or a full disk is one line."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except AppError as refusal:
            raise click.ClickException(refusal.message) from None
        except OSError as error:
            raise click.ClickException(f"{error.filename or 'A file'}: {error.strerror}.") from None

    return run
