"""Rules about the shop's own secrets: whether anybody could guess them. What they are is never said."""

from __future__ import annotations

import math
import re
from collections import Counter

from app.health_check.lines import Line, bad, good, warning

# NIST SP 800-131A asks for 112 bits; what `make-key` makes has some 250.
_BITS = 112
_FIX = "Make one with `flask make-key` and put it in {name}{after}."
_AFTER = {
    "SECRET_KEY": "; everybody has to sign in again",
    "DATA_KEY": " before real businesses apply: what was encrypted with the old one cannot be read with it",
}
_TYPED = re.compile(r"\s|change.?me|password|secret|example|tradepost", re.IGNORECASE)


def judge_key(name: str, value: str) -> Line:
    """One key. A random one of 32 letters and digits passes; words and repetitions do not."""
    fix = _FIX.format(name=name, after=_AFTER.get(name, ""))
    if guessing_bits(value) < _BITS:
        return bad(name, f"{len(value)} characters, but too much alike to be safe.", fix)
    if _TYPED.search(value):
        return warning(name, "It looks typed by a person, not made by a machine.", fix)
    return good(name, f"{len(value)} characters, made at random by the look of it.")


def judge_keys_differ(secret_key: str, data_key: str) -> Line:
    """Whoever learns the one must not hold the other."""
    if secret_key != data_key:
        return good("Both keys", "They differ.")
    return bad(
        "Both keys", "SECRET_KEY and DATA_KEY are the same.", "Make a new SECRET_KEY with `flask make-key`."
    )


def guessing_bits(value: str) -> int:
    """Shannon's entropy of the text over its own letters: an upper bound of what a guesser has to try, in bits."""
    total = len(value)
    per_letter = -sum(count / total * math.log2(count / total) for count in Counter(value).values())
    return math.floor(per_letter * total) if total else 0
