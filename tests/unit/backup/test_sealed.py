"""A file under a passphrase opens with it, anywhere in it, and shows every change."""

from __future__ import annotations

import io
import random

import pytest

from app.backup.refused import BackupDamaged, BackupRefused
from app.backup.sealed import _HEAD, _PIECE, SealedReader, SealedWriter, is_sealed

SECRET = "a long passphrase for tests"
# Least work: what is tested is not how long a guess takes.
COST = 1


def seal(content: bytes, *, step: int = 7000) -> bytes:
    below = io.BytesIO()
    writer = SealedWriter(below, SECRET, cost=COST)
    for start in range(0, len(content), step):
        writer.write(content[start : start + step])
    writer.finish()
    return below.getvalue()


def unseal(sealed: bytes, passphrase: str = SECRET) -> bytes:
    return io.BufferedReader(SealedReader(io.BytesIO(sealed), passphrase)).read()


@pytest.mark.parametrize("size", [0, 1, _PIECE - 1, _PIECE, _PIECE + 1, 2 * _PIECE, 2 * _PIECE + 17])
def test_what_was_written_is_read_again(size: int) -> None:
    content = random.Random(size).randbytes(size)
    sealed = seal(content)
    assert is_sealed(sealed[:64])
    assert unseal(sealed) == content


def test_it_can_be_read_at_any_place() -> None:
    content = random.Random(1).randbytes(3 * _PIECE + 5)
    reader = io.BufferedReader(SealedReader(io.BytesIO(seal(content)), SECRET))
    for start, length in [(2 * _PIECE - 3, 9), (0, 4), (len(content) - 5, 50), (_PIECE, _PIECE + 1)]:
        reader.seek(start)
        assert reader.read(length) == content[start : start + length]
    assert reader.seek(0, io.SEEK_END) == len(content)


def test_the_same_content_is_never_written_the_same_twice() -> None:
    assert seal(b"the same")[_HEAD:] != seal(b"the same")[_HEAD:]


def test_another_passphrase_is_told_from_a_damaged_file() -> None:
    with pytest.raises(BackupRefused, match="not the passphrase"):
        unseal(seal(b"orders"), "another long passphrase")


@pytest.mark.parametrize("size", [10, _PIECE + 10])
def test_no_byte_can_be_changed(size: int) -> None:
    sealed = seal(bytes(size))
    places = [*range(_HEAD), *range(_HEAD, len(sealed), 9973), len(sealed) - 1]
    for place in places:
        broken = bytearray(sealed)
        broken[place] ^= 0x10
        if is_sealed(bytes(broken[:64])):
            with pytest.raises(BackupRefused):
                unseal(bytes(broken))


def test_nothing_can_be_cut_off_or_exchanged() -> None:
    whole = _PIECE + 16
    sealed = seal(random.Random(3).randbytes(3 * _PIECE))
    head, pieces = sealed[:_HEAD], [sealed[_HEAD + n * whole : _HEAD + (n + 1) * whole] for n in range(3)]
    for broken in (
        head,
        head + pieces[0],
        head + pieces[0] + pieces[1],
        head + pieces[1] + pieces[0] + pieces[2],
        head + pieces[0] + pieces[2],
        sealed[:-1],
        sealed + b"x",
        sealed[: _HEAD - 1],
    ):
        with pytest.raises(BackupDamaged):
            unseal(broken)
