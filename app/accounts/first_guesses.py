"""Which passwords people choose first when ten characters are asked for: rules that cover far more than a list. Pure.

A stem people like, with digits, marks and letter-for-digit swaps in any number (Sunshine2026!, P@ssw0rd123); two such
stems in a row; one piece again and again; and walks along the keyboard, the alphabet or the digits.
"""

from __future__ import annotations

import re
from functools import lru_cache

_STEMS = frozenset(
    """
    abcdef access account admin administrator alexander alexandra amanda america andrea andrew angel angels animal anthony
    apple apples arsenal ashley august austin autumn awesome babygirl banana barbara barcelona baseball basketball batman
    beautiful benjamin blessed blink bluesky brandon brooklyn buster butterfly california cameron candle captain carlos
    caroline champion change changeme changenow charles charlie chelsea cheese cherry chester chicken chocolate chris
    christian christine christmas christopher clinton coffee company computer cookie cookies corvette cowboy cowboys crystal
    customer daniel danielle david december default denise destiny diamond dolphin dolphins donald dragon eagles
    easter elephant elizabeth eminem everton facebook family february ferrari fishing flower flowers football forever
    freedom friday friend friends froggy gabriel george gemini ginger google grace guest guitar hammer hannah happy harley
    harrypotter heather heaven hello hellokitty hockey holiday hunter hunting iloveme iloveyou iloveyouso instagram internet
    invoice isabella jackson jasmine jason jennifer jeremy jessica jesus jesuschrist jonathan jordan joseph joshua july june
    justin justinbieber kevin killer kitten kitty ladybug lauren letmein letmeinplease liverpool liverpoolfc login logmein
    london lovely loveme loveyou lucky madison maggie manager manchester march marina marine martin master matrix matthew
    maverick maximus melissa mercedes metallica michael michelle midnight miller minecraft mickey mistress monday monkey monster
    morgan mother mountain movies mustang mydog mylove mypass mypassword naruto nascar natalie nathan newpass newpassword
    newyork nicholas nicole nintendo november nothing october office olivia online operator orange orders packers
    pakistan panther pass passcode passphrase passport passw password passwords patrick peaches peanut pepper phoenix
    playboy please pokemon porsche precious princess princess private purple qwert qwerty rachel raiders rainbow ranger
    rangers rebecca redsox register richard robert samantha samsung sample samuel saturday school scooter secret secure
    security september service shadow shannon shoes shopping silver simple single skywalker slipknot smile snoopy snowball
    soccer softball sophie spider spiderman spring stella stephanie steelers steven strawberry student success summer sunday
    sunflower sunshine super superman superstar supervisor support sweet sweetie sweetheart taylor teacher temp temporary
    tennessee tequila test tester testing testtest thomas thunder thursday tigger tigers tinkerbell topsecret tottenham
    tradepost trustno trustnoone tuesday turtle twitter tyler unicorn unknown user username vanessa vendor veronica victor
    victoria warcraft warrior wednesday welcome welcomeback whatever wholesale william windows winner winter wisdom wizard
    wholesaler yankees yellow youtube zachary
    """.split()  # noqa: SIM905 - three hundred words read better without their quotation marks
)
_EXACT = frozenset({"correcthorsebatterystaple"})
_SWAPS = str.maketrans("013457@$!", "oleastasi")
_WALKS = (
    "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "1234567890", "abcdefghijklmnopqrstuvwxyz",
    "qazwsxedcrfvtgbyhnujmikolp", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "q1w2e3r4t5y6u7i8o9p0", "1q2w3e4r5t6y7u8i9o0p",
    "0123456789", "147258369", "159357", "!@#$%^&*()",
)  # fmt: skip
_SHORTEST_STEP = 3
_REPEATED = re.compile(r"(.{1,6})\1+.{0,3}|(.{7,})\2+")


def is_first_guess(plain: str) -> bool:
    """Whether a password, in lower case, is among what anyone would try first."""
    if len(set(plain)) < 4 or _REPEATED.fullmatch(plain) or _is_walk(plain):
        return True
    letters = {_letters(plain), _letters(plain.translate(_SWAPS)), _letters(_trim(plain).translate(_SWAPS))}
    return _trim(plain) in _EXACT or any(_is_stems(each) for each in letters)


def _trim(plain: str) -> str:
    """Without the digits and marks people hang on at both ends."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)


def _letters(plain: str) -> str:
    return re.sub(r"[\W\d_]+", "", plain)


def _is_stems(letters: str) -> bool:
    """Nothing, one stem, or two in a row."""
    return (
        not letters
        or letters in _STEMS
        or any(letters[:cut] in _STEMS and letters[cut:] in _STEMS for cut in range(3, len(letters) - 2))
    )


def _is_walk(plain: str) -> bool:
    """Whether it is made of nothing but steps along the walks, each of three signs or more, in either direction."""
    rest = plain
    while rest:
        step = _longest_step(rest)
        if step < _SHORTEST_STEP:
            return False
        rest = rest[step:]
    return True


def _longest_step(rest: str) -> int:
    for size in range(len(rest), _SHORTEST_STEP - 1, -1):
        if any(rest[:size] in walk for walk in _both_ways()):
            return size
    return 0


@lru_cache
def _both_ways() -> tuple[str, ...]:
    return _WALKS + tuple(walk[::-1] for walk in _WALKS)
