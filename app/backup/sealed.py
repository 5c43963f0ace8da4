"""A file under a passphrase: AES-256-GCM in pieces, the key by scrypt. Written as a stream, read at any place.

Each piece's nonce is its number and whether it is the last, so that none can be exchanged, left out or cut off; the
head is authenticated with every piece. Nonces never meet again under one key, because each file has its own salt.
"""

from __future__ import annotations

import io
import os
import secrets
import struct
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from app.backup.refused import BackupDamaged, BackupRefused

_MAGIC = b"tradepost sealed backup 1\n"
_SALT = 16
_CHECK = 16
_PIECE = 256 * 1024
_TAG = 16
# 64 MB and a quarter of a second a guess; cheap hosts allow no more memory (RFC 7914, OWASP's second choice).
_COST = 16
_BLOCK = 8
_HEAD = len(_MAGIC) + 1 + _SALT + _CHECK


def is_sealed(head: bytes) -> bool:
    """Whether a file that begins so is under a passphrase; 64 bytes are enough."""
    return head.startswith(_MAGIC)


def _derive(passphrase: str, salt: bytes, cost: int) -> tuple[AESGCM, bytes]:
    """The cipher, and bytes that tell a wrong passphrase from a damaged file without telling of the key."""
    kdf = Scrypt(salt=salt, length=32 + _CHECK, n=2**cost, r=_BLOCK, p=1)
    made = kdf.derive(passphrase.encode())
    return AESGCM(made[:32]), made[32:]


def _nonce(number: int, *, is_last: bool) -> bytes:
    return struct.pack(">3xQ?", number, is_last)


class SealedWriter:
    """Encrypts what is written to it; finish() writes the last piece. Neither seeks: a ZIP can be written through it."""

    def __init__(self, below: IO[bytes], passphrase: str, *, cost: int = _COST):
        salt = secrets.token_bytes(_SALT)
        self._cipher, check = _derive(passphrase, salt, cost)
        self._head = _MAGIC + bytes([cost]) + salt + check
        self._below = below
        self._held = bytearray()
        self._number = 0
        below.write(self._head)

    def write(self, content: bytes) -> int:
        """Keep the content, and encrypt every piece that is certainly not the last."""
        self._held += content
        while len(self._held) > _PIECE:
            self._put(bytes(self._held[:_PIECE]), is_last=False)
            del self._held[:_PIECE]
        return len(content)

    def flush(self) -> None:
        """Nothing: a piece is written when it is full."""

    def finish(self) -> None:
        """Write what is held as the last piece; the stream below stays open."""
        self._put(bytes(self._held), is_last=True)

    def _put(self, piece: bytes, *, is_last: bool) -> None:
        nonce = _nonce(self._number, is_last=is_last)
        self._below.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Reads such a file anywhere, one piece in memory. BackupRefused for a wrong passphrase, BackupDamaged else."""

    def __init__(self, below: IO[bytes], passphrase: str):
        self._below = below
        self._place = 0
        self._held: tuple[int, bytes] = (-1, b"")
        below.seek(0)
        self._head = below.read(_HEAD)
        if len(self._head) < _HEAD:
            raise BackupDamaged("it ends too early")
        cost, salt = self._head[len(_MAGIC)], self._head[len(_MAGIC) + 1 : -_CHECK]
        if not 1 <= cost <= _COST + 4:
            raise BackupDamaged("its beginning is not right")
        self._cipher, check = _derive(passphrase, salt, cost)
        if not secrets.compare_digest(check, self._head[-_CHECK:]):
            raise BackupRefused("This is not the passphrase the backup was made with. Nothing was changed.")
        self._measure()

    def _measure(self) -> None:
        stored = self._below.seek(0, os.SEEK_END) - _HEAD
        self._pieces = -(-stored // (_PIECE + _TAG))
        if self._pieces < 1:
            raise BackupDamaged("it ends too early")
        self._piece(self._pieces - 1)  # only a whole file ends with the last piece
        self._size = stored - self._pieces * _TAG

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The place in what was encrypted."""
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place in what was encrypted."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("before the beginning")
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        """Decrypt up to the end of one piece into the buffer."""
        target = memoryview(buffer).cast("B")
        if self._place >= self._size:
            return 0
        number, start = divmod(self._place, _PIECE)
        found = self._piece(number)[start : start + len(target)]
        target[: len(found)] = found
        self._place += len(found)
        return len(found)

    def _piece(self, number: int) -> bytes:
        if self._held[0] != number:
            self._below.seek(_HEAD + number * (_PIECE + _TAG))
            stored = self._below.read(_PIECE + _TAG)
            nonce = _nonce(number, is_last=number == self._pieces - 1)
            try:
                self._held = (number, self._cipher.decrypt(nonce, stored, self._head))
            except InvalidTag:
                raise BackupDamaged("it was changed or cut off after it was written") from None
        return self._held[1]
