"""The code that opens the set-up page. Whoever can read the shop's files can read it, and nobody else."""

from __future__ import annotations

import hmac
import re
import secrets
from pathlib import Path

from app.first_run.private_file import create_private, write_private

NAME = "setup-code.txt"
# 20 of 31 letters and digits nobody mistakes for one another: 99 bits, beyond guessing even without a limit on tries.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_GROUPS = 4
_GROUP = 5
_CODE = re.compile(r"^((?:[A-Z2-9]{5}-){3}[A-Z2-9]{5})$", re.MULTILINE)
_WORDS = """\
This code opens the set-up page of your shop, once. Whoever knows it can set the shop up in your place, so show it to
nobody. After it is used there is a new one here; when the shop is set up this file goes away.

"""


def ensure_code(instance: Path) -> None:
    """Make the file if there is none yet, or if somebody emptied it."""
    if not create_private(instance / NAME, _new_text()) and _read(instance) is None:
        write_private(instance / NAME, _new_text())


def use_code(instance: Path, typed: str) -> bool:
    """Whether that is the code; if it is, it is used up and the file holds a new one."""
    code = _read(instance)
    plain = re.sub(r"[^A-Z0-9]", "", typed.upper())
    if code is None or not hmac.compare_digest(plain.encode(), code.replace("-", "").encode()):
        return False
    write_private(instance / NAME, _new_text())
    return True


def remove_code(instance: Path) -> None:
    (instance / NAME).unlink(missing_ok=True)


def _read(instance: Path) -> str | None:
    try:
        found = _CODE.search((instance / NAME).read_text(encoding="utf-8", errors="replace"))
    except FileNotFoundError:
        return None
    return found[1] if found else None


def _new_text() -> str:
    groups = ["".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS)]
    return f"{_WORDS}{'-'.join(groups)}\n"
