"""How passwords are judged, kept and compared."""

from __future__ import annotations

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.first_guesses import is_first_guess
from app.shared.errors import AppError

SHORTEST = 10
LONGEST = 200

# 19 MiB, two passes, one lane: the least the OWASP Password Storage Cheat Sheet accepts for Argon2id, chosen because
# several sign-ins at once must fit beside the shop in the memory of a small host.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_DIGITS_AND_MARKS = "0123456789!?.*#@$_- "


class PasswordTooWeak(AppError):
    """The password breaks one of the rules below; the message says which."""

    def __init__(self, message: str, field: str = "password"):
        super().__init__(message, field=field)


def check_strength(password: str, *, email: str, name: str, field: str = "password") -> None:
    """Raise PasswordTooWeak unless it is long enough, not the person's own address or name, and not a common one.

    No rule about capitals or digits: NIST SP 800-63B advises against such rules and for length and a block list.
    """
    if len(password) < SHORTEST:
        raise PasswordTooWeak(f"Use at least {SHORTEST} characters. A short sentence works well.", field)
    if len(password) > LONGEST:
        raise PasswordTooWeak(f"Use at most {LONGEST} characters.", field)
    plain = password.casefold().strip()
    if is_first_guess(plain):
        raise PasswordTooWeak(
            "That is among the first passwords anyone would try. Choose another one.", field
        )
    if _is_made_of(plain, email, name):
        raise PasswordTooWeak("Your name or e-mail address is easy to guess. Choose something else.", field)


def _is_made_of(plain: str, email: str, name: str) -> bool:
    stem = plain.strip(_DIGITS_AND_MARKS)
    local_part, _, _ = email.casefold().partition("@")
    known = {email.casefold(), local_part, name.casefold(), name.casefold().replace(" ", "")}
    return plain in known or stem in known


def hash_password(password: str) -> str:
    """Argon2id with its salt and parameters in the text, under 200 characters."""
    return _hasher.hash(_normalised(password))


def is_password(password: str, stored: str | None) -> bool:
    """Whether it is the one that was hashed. With nobody to compare with, a dummy is: the answer takes as long."""
    try:
        _hasher.verify(stored if stored is not None else _DUMMY, _normalised(password)[: LONGEST * 4])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether it was hashed with other parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def _normalised(password: str) -> str:
    # Two keyboards may send the same letter as one or as two code points (NIST SP 800-63B: normalise before hashing).
    return unicodedata.normalize("NFKC", password)


_DUMMY = _hasher.hash("nobody has this password")
