"""Recovery codes: ten random words for one sign-in each, kept as slow digests. Pure."""

from __future__ import annotations

import re
import secrets

from argon2.low_level import Type, hash_secret_raw

HOW_MANY = 10
_LENGTH, _GROUP = 12, 4
# No vowels, so that none spells anything, and nothing that is read for something else: 0 and o, 1 and l. 12 letters of 28
# are 57 bits.
_LETTERS = "bcdfghjkmnpqrstvwxyz23456789"
_SPACING = re.compile(r"[\s\u00a0-]+")


def make_codes() -> list[str]:
    """Ten fresh codes like "bcdf-ghjk-mnpq"."""
    return [_make_code() for _ in range(HOW_MANY)]


def make_salt() -> str:
    """128 random bits in hexadecimal; one for the codes of one person."""
    return secrets.token_hex(16)


def read_recovery_code(typed: str) -> str:
    """The twelve letters in small, whatever stands between them; "" when it cannot be a code."""
    packed = _SPACING.sub("", typed).lower()
    return packed if len(packed) == _LENGTH and set(packed) <= set(_LETTERS) else ""


def digest_of(code: str, salt: str) -> str:
    """64 hexadecimal digits, the same for however the code is spaced.

    Argon2id with the parameters of passwords.py: ASVS 5.0 (6.5.2) asks for a password's hash for codes under 112 bits.
    """
    packed = read_recovery_code(code)
    raw = hash_secret_raw(
        packed.encode(),
        bytes.fromhex(salt),
        time_cost=2,
        memory_cost=19 * 1024,
        parallelism=1,
        hash_len=32,
        type=Type.ID,
    )
    return raw.hex()


def _make_code() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))
