"""Which ports are free, who sits on a taken one, and which ones the stand-ins had last time."""

import json
import socket
import urllib.error
import urllib.request
from pathlib import Path

_HIGHEST = 65535
_SECONDS = 3


class NoFreePort(Exception):
    """Every port above the shop's is taken."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    try:
        with socket.create_server((host, port)):
            return True
    except OSError:
        return False


def is_tradepost(port: int) -> bool:
    """Whether a shop of this kind answers on that port of this machine; its readiness page is like no other."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=_SECONDS) as answer:
            text = answer.read()
    except urllib.error.HTTPError as answer:
        text = answer.read()  # a shop that is not well is a shop
    except (OSError, ValueError):
        return False
    try:
        page = json.loads(text)
    except ValueError:
        return False
    return isinstance(page, dict) and {"database", "outbox"} <= set(page.get("checks") or {})


def pick_ports(names: tuple[str, ...], above: int, memory: Path) -> dict[str, int]:
    """A free port for each name: the one it had last time where that is still free, else the next above `above`.

    The choice is written to `memory`. Raises NoFreePort.
    """
    had = _remembered(memory)
    chosen: dict[str, int] = {}
    for name in names:
        port = had.get(name, 0)
        taken = {above, *chosen.values(), *(had[other] for other in names if other in had and other != name)}
        chosen[name] = port if port and port != above and is_free(port) else _next_free(above, taken)
    if chosen != had:
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_text(json.dumps({**had, **chosen}) + "\n")
    return chosen


def _remembered(memory: Path) -> dict[str, int]:
    try:
        kept = json.loads(memory.read_text())
    except (OSError, ValueError):
        return {}
    return (
        {name: port for name, port in kept.items() if isinstance(port, int)} if isinstance(kept, dict) else {}
    )


def _next_free(above: int, taken: set[int]) -> int:
    for port in range(above + 1, _HIGHEST + 1):
        if port not in taken and is_free(port):
            return port
    raise NoFreePort(f"There is no free port above {above}. Choose a lower one: make run PORT=8000")
