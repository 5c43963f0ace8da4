"""Which passwords people choose first when ten characters are asked for: rules that cover far more than a list. Pure.

A stem people like, with digits, marks and letter-for-digit swaps in any number (Sunshine2026!, P@ssw0rd123); two such
stems in a row; one piece again and again; and walks along the keyboard, the alphabet or the digits, give or take a sign.
"""

from __future__ import annotations

import re
from functools import lru_cache

_STEMS = frozenset(
    """
    abcdef access account admin administrator alexander alexandra amanda america andrea andrew angel angels animal anthony
    apple apples arsenal ashley august austin australia autumn awesome babygirl banana barbara barcelona baseball basketball
    basketballs batman beautiful benjamin birmingham blackberry blessed blink blueberry bluebird bluesky brandon brooklyn
    buster butterflies butterfly california cameron candle captain carlos caroline caterpillar champion change changeme
    changenow charles charlotte charlie cheerleader cheese chelsea cherry chester chevrolet chicken chocolate chris christian
    christina christine christmas christopher clinton coffee company computer concordia constantine cookie cookies corvette
    counter counterstrike cowboy cowboys crystal customer daniel danielle david december default denise destiny diamond
    dolphin dolphins donald dragon eagles earthquake easter elephant elizabeth eminem engineering enterprise everton
    facebook family february ferrari firefighter fishing flower flowers football forever freedom friday friend friends
    froggy gabriel gemini george ginger gladiator godfather goldfish goodluck google government grace grasshopper greenday
    guest guinness guitar hamilton hammer handsome hannah happy harley harrypotter harvard hawaii heartbreak heather heaven
    hello hellokitty highlander historical hockey holiday hollywood homecoming honeybee hopeless hunter hunting hurricane
    iloveme iloveyou iloveyouso imagination independent infinity instagram international internet investment invoice ireland
    isabella jackass jackson jamaica jamesbond jasmine jason jennifer jennifers jeremy jessica jesus jesuschrist johnny
    johnson jonathan jordan joseph joshua july june justin justinbieber kawasaki kevin killer kimberly kitten kitty
    knowledge labrador lacrosse ladybug lamborghini lancelot lauren laurence leicester leonardo letmein letmeinplease
    librarian lifehack lightning limewire liverpool liverpoolfc login logmein lollipop london longhorn lovely loveme loveyou
    lucky macintosh mackenzie madagascar madison madrid magdalena maggie malaysia management manager manchester manhattan
    march margaret marina marine marketing marlboro marshall martin maryland massachusetts master matrix matthew maverick
    maximus mechanic melbourne melissa mercedes mercury metallica michael michelle michigan mickey microsoft midnight miller
    minecraft mississippi missouri mistress mitsubishi mohammed monday monkey monster montana montgomery montreal morgan
    mother motorcycle mountain movies mozart mustang mydog mylove mypass mypassword myspace napoleon naruto nascar natalie
    natasha nathan nebraska newcastle newcastleunited newlife newpass newpassword newyork nicholas nicole nigeria nintendo
    nirvana northern northwestern nothing nottingham november oblivion october office offspring oklahoma olivia olympics
    online operator orange orders packers pakistan panasonic panther paradise parliament pass passcode passion passphrase
    passport passw password passwords patricia patrick peaches peanut penelope penguin pepper performance peterpan peterson
    philadelphia philippines phoenix photographer photography piglet pineapple pink pinkfloyd platinum playboy playstation
    please plymouth pokemon popcorn porsche portland portsmouth precious predator president prettygirl princess priscilla
    private production professional programmer punkrock purple qwaszx qwert qwerty rachel raiders rainbow rammstein ranger
    rangers rangersfc raspberry realmadrid rebecca rebelde reddevil redskins redsox register remember renegade requiem
    revolution richard robert rocknroll rockstar rollercoaster romance ronaldinho ronaldo roosevelt rosemary runescape
    samantha sample samsung samuel sanfrancisco santiago saturday savannah scarface school scooter scorpion scotland
    sebastian secret secretary secure security september service seventeen shadow shannon sheffield shithead shoes shopping
    silver simple singapore single skateboard skateboarding skywalker slipknot smallville smile snoopy snowball snowboard
    snowboarding snowman soccer softball something sophie soulmate southampton southern southpark spider spiderman spirit
    spongebob spring springfield squirrel stanley starcraft stargate startrek starwars steelers stella stephanie stephen
    steven stonecold strawberries strawberry strike student stupid submarine success sullivan summer sunday sunderland
    sunflower sunshine super superman supernova superstar superstars supervisor support sweden sweet sweetheart sweetie
    sweetness swordfish sylvester tarheels taylor teacher teamwork technology telephone television temp temporary temptation
    tennessee tequila terminator test tester testing testtest thailand theresa thomas thousand thunder thunderbird thursday
    tigers tigger tinkerbell titanic together topsecret tottenham tradepost transformers treasure trinity trouble trumpet
    trustno trustnoone tuesday turtle twilight twitter tyler ultimate undertaken undertaker unicorn universal university
    unknown user username valentina valentine valentino valerie valhalla vampire vancouver vanessa vegeta vendetta vendor
    venus veronica victor victoria viktoria violin virgin virginia volkswagen volleyball warcraft warrior washington
    waterfall watermelon wednesday welcome welcomeback westside whatever wholesale wholesaler wildcat wildcats william
    williams winchester windows winner winter wisdom wizard wolverhampton wolverine wonderful woodland woodstock worldcup
    wrestling xbox yamaha yankees yellow yellowstone yourmom youtube zachary zeppelin zxcvbn
    """.split()  # noqa: SIM905 - six hundred words read better without their quotation marks
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
    if len(set(plain)) < 4 or _REPEATED.fullmatch(plain) or any(map(_is_walk, _without_ends(plain))):
        return True
    letters = {_letters(plain), _letters(plain.translate(_SWAPS)), _letters(_trim(plain).translate(_SWAPS))}
    return _trim(plain) in _EXACT or any(_is_stems(each) for each in letters)


def _without_ends(plain: str) -> list[str]:
    """It whole, and without one sign at either end: 123456789a is a walk, too."""
    return [plain, plain[1:], plain[:-1]]


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
