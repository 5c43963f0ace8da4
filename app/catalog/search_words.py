"""What a search compares: words made plain, and the question that was typed, as any full-text engine can be asked it.

An engine never sees what somebody typed. It gets terms of ASCII letters, digits and underscores that were made here, so
that nothing can be an operator, a stop word or too short to be kept, and both engines cut a text into the same words
(MySQL leaves out words under three letters and a list of English ones; SQLite keeps them).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

LONGEST_TEXT = 100
# InnoDB leaves out what is longer than 84 bytes (innodb_ft_max_token_size): longer words are compared so far.
_LONGEST_TERM = 80
# A column of TEXT holds 65,535 bytes. Nobody has this many skus in one product; whoever does finds the first ones.
_LONGEST_WORDS = 60_000
_MOST_WORDS = 6
# One letter begins far too many words to tell anything: alone it has to be the whole word ("T-shirt", "size L").
_SHORTEST_PREFIX = 2
# From so many digits in a row a word with signs in it is a part number, and is compared as one: "BN-0004".
_PART_NUMBER = re.compile(r"\d{3}")

# Which words are meant: those of the name and brand; those and the summary's; skus and barcodes; a category by number.
_IN_NAME, _ANYWHERE, _IN_CODE, _IN_CATEGORY = "n_", "a_", "c_", "g_"
# Codes of a shop often begin alike, so that two letters would fit every product there is: with fewer signs than this it
# has to be the whole code, or whole digits of it. (What is typed exactly as a code begins is found by search.py.)
_SHORTEST_CODE_PREFIX = 4
_DIGIT = re.compile(r"\d")

# Letters that are one sign, not a letter with an accent, and that people without them on the keyboard write like this.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_APOSTROPHES = re.compile("['’ʼ`´]")


@dataclass(frozen=True, slots=True)
class Term:
    """A word as it stands in the index, or its beginning."""

    text: str
    is_prefix: bool


# What must be found: each of the first level; of it one of the second; of that all of the third.
Wanted = tuple[tuple[tuple[Term, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class Indexed:
    """What of a product is searched."""

    name: str
    brand: str
    summary: str
    category_id: int
    codes: tuple[str, ...]


def clean(text: str) -> str:
    """Spaces made single, odd letters made plain (NFKC), unprintable ones dropped, cut to a sane length."""
    printable = "".join(
        letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFKC", text)
    )
    return " ".join(printable.split())[:LONGEST_TEXT].strip()


def fold(text: str) -> str:
    """Without case and accents: "Crème BRÛLÉE" → "creme brulee"."""
    plain = unicodedata.normalize(
        "NFKD", text
    ).casefold()  # in this order: some letters are capitals in disguise
    apart = unicodedata.normalize("NFKD", plain)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.translate(_PLAIN).split())


def index_words(product: Indexed) -> str:
    """The text the engine indexes, each word once."""
    named = list(_every_word(f"{product.name} {product.brand}"))
    terms = [_IN_NAME + word for word in named]
    terms += [_ANYWHERE + word for word in (*named, *_every_word(product.summary))]
    terms += [_IN_CODE + word for code in product.codes for word in _every_word(code) if _DIGIT.search(word)]
    words = " ".join(dict.fromkeys([f"{_IN_CATEGORY}{product.category_id}", *(_cut(term) for term in terms)]))
    return words if len(words) <= _LONGEST_WORDS else words[:_LONGEST_WORDS].rpartition(" ")[0]


def ask_for_names(text: str) -> Wanted:
    """Every word typed, in name or brand."""
    return tuple(tuple(_ways(chunk, _IN_NAME)) for chunk in _chunks(text))


def ask_for_anything(text: str, categories: Mapping[int, str], most: int) -> Wanted:
    """Every word typed, in whatever is indexed; a category's name counts for all products in it.

    `categories` holds by id what its name and those above it say; at most `most` of them count for one word.
    """
    named = {number: _words_of(name) for number, name in categories.items()}
    chunks = _chunks(text)
    in_one = tuple(_codes("".join(chunks))) if len(chunks) > 1 else ()  # a sku typed with spaces
    return tuple(
        (*_ways(chunk, _ANYWHERE), *_codes(chunk), *_shelves(chunk, named, most), *in_one) for chunk in chunks
    )


def _shelves(chunk: str, named: Mapping[int, Iterable[str]], most: int) -> Iterator[tuple[Term]]:
    part = "".join(_pieces(chunk))
    if len(part) < _SHORTEST_PREFIX:
        return
    starts = _stems(part)
    fitting = [number for number, words in named.items() if any(word.startswith(starts) for word in words)]
    for number in fitting[:most]:
        yield (Term(f"{_IN_CATEGORY}{number}", is_prefix=False),)


def _ways(chunk: str, field: str) -> Iterator[tuple[Term, ...]]:
    """ "t-shirts" is found as one word and as two; a part number only as one."""
    pieces = _pieces(chunk)
    for stem in _stems("".join(pieces)):
        yield (_term(stem, field),)
    if len(pieces) > 1 and not _PART_NUMBER.search(chunk):
        yield tuple(dict.fromkeys(_term(_stems(piece)[0], field) for piece in pieces))


def _codes(text: str) -> Iterator[tuple[Term]]:
    code = "".join(_pieces(text))
    if _DIGIT.search(code):
        yield (Term(_cut(_IN_CODE + code), is_prefix=len(code) >= _SHORTEST_CODE_PREFIX),)


def _term(word: str, field: str) -> Term:
    return Term(_cut(field + word), is_prefix=len(word) >= _SHORTEST_PREFIX)


def _stems(word: str) -> tuple[str, ...]:
    """ "mugs" finds "Mug", "dishes" finds "Dish" and "candies" finds "Candy": how a word may begin."""
    if len(word) > 4 and word.endswith("ies"):
        return (word[:-1], f"{word[:-3]}y")
    if len(word) > 4 and word.endswith(("ses", "xes", "zes", "ches", "shes")):
        return (word[:-2],)
    return (word[:-1],) if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else (word,)


def _chunks(text: str) -> list[str]:
    return [chunk for chunk in dict.fromkeys(_plain(text).split()) if _pieces(chunk)][:_MOST_WORDS]


@lru_cache(maxsize=4096)
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(_every_word(name))


def _every_word(text: str) -> Iterator[str]:
    """Each piece; and what is written together with signs in between as one word, too: "CB-12" → cb, 12, cb12."""
    for chunk in _plain(text).split():
        pieces = _pieces(chunk)
        yield from pieces
        if len(pieces) > 1:
            yield "".join(pieces)


def _plain(text: str) -> str:
    return fold(_APOSTROPHES.sub("", text))


def _pieces(chunk: str) -> list[str]:
    """The runs of letters and digits, in ASCII."""
    runs = "".join(letter if letter.isalnum() else " " for letter in chunk).split()
    return ["".join(letter if letter.isascii() else f"_{ord(letter):x}_" for letter in run) for run in runs]


def _cut(term: str) -> str:
    return term[:_LONGEST_TERM]
