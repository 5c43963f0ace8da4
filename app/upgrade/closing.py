"""The shop's door (upgrading.py), from the side of whoever shuts it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from app.upgrade.refused import UpgradeRefused

# A page waits for Square for 8 s, a piece of background work for no more than 110.
LONGEST_WAIT = 130
_SHUT = (
    "The shop is being upgraded. Please try again in a minute. Is nobody at it? "
    "Then it was interrupted: run `flask upgrade --go-on`.\n"
)


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """One upgrade of a shop at a time, whoever starts it."""
    place.mkdir(mode=0o755, exist_ok=True)
    with (place / "alone").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UpgradeRefused("Another upgrade of this shop is running. Nothing was changed.") from None
        yield


class Closing:
    """Shut, wait until nobody is inside, and open again. The files are those that upgrading.py looks at."""

    def __init__(self, shop: Path):
        self._shop = shop
        self._place = shop / ".upgrade"
        self._held: int | None = None

    def shut(self) -> None:
        """From now on nobody comes in."""
        half = self._place / "closed.part"
        half.write_text(_SHUT)
        half.chmod(0o644)
        half.replace(self._place / "closed")

    def wait_until_empty(self, say: Callable[[str], None], longest: float = LONGEST_WAIT) -> None:
        """Until the pages and the work at hand are done; UpgradeRefused when one of them does not end."""
        held = os.open(self._shop, os.O_RDONLY)
        until, told_at = time.monotonic() + longest, time.monotonic() + 3
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    os.close(held)
                    raise UpgradeRefused(
                        "A page, a command or a piece of background work did not end. See what runs (`ps ux`), and try again."
                    ) from None
                if time.monotonic() > told_at:
                    say("  waiting for what is being done to end …")
                    told_at = until
                time.sleep(0.05)
            except OSError:
                # A disk that knows no locks: as long as a page takes.
                time.sleep(15)
                break
        self._held = held

    def change_release(self) -> None:
        """Tell the processes that were there before that they are the release before."""
        half = self._place / "release.part"
        half.write_text(f"{uuid4()}\n")
        half.chmod(0o644)
        half.replace(self._place / "release")
        if (self._shop / "passenger_wsgi.py").is_file():
            restart = self._shop / "tmp" / "restart.txt"
            restart.parent.mkdir(exist_ok=True)
            restart.touch()

    def open(self) -> None:
        """Let everybody in."""
        (self._place / "closed").unlink(missing_ok=True)
        held, self._held = self._held, None
        if held is not None:
            os.close(held)
