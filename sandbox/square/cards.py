"""Test cards: what a source token stands for, and which test number gives which token.

Tokens are those of Square's own sandbox (developer.squareup.com/docs/devtools/sandbox/payments). The numbers
of the declined cards are this look-alike's own choice; none of them is a real card.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class TestCard:
    """A card as the bank sees it; `decline` is Square's error code, None for a card that pays."""

    __test__ = False

    meaning: str
    decline: str | None
    number: str
    brand: str
    cvv_status: str = "CVV_ACCEPTED"
    avs_status: str = "AVS_ACCEPTED"

    @property
    def last_4(self) -> str:
        """The digits that may be shown."""
        return self.number[-4:]


OK, ALREADY_USED, VERIFY = "ok", "already-used", "requires-verification"

CARDS: dict[str, TestCard] = {
    OK: TestCard("pays", None, "4111111111111111", "VISA"),
    "declined": TestCard("declined by the bank", "GENERIC_DECLINE", "4000000000000002", "VISA"),
    "rejected-cvv": TestCard(
        "wrong security code", "CVV_FAILURE", "4000000000000127", "VISA", cvv_status="CVV_REJECTED"
    ),
    "rejected-postalcode": TestCard(
        "wrong postal code",
        "ADDRESS_VERIFICATION_FAILURE",
        "4000000000000010",
        "VISA",
        avs_status="AVS_REJECTED",
    ),
    "rejected-expiration": TestCard(
        "wrong expiry date", "INVALID_EXPIRATION", "5105105105105100", "MASTERCARD"
    ),
    ALREADY_USED: TestCard("token used before", "CARD_TOKEN_USED", "4000000000000069", "VISA"),
    VERIFY: TestCard(
        "the bank asks the buyer to confirm",
        "CARD_DECLINED_VERIFICATION_REQUIRED",
        "4000000000003220",
        "VISA",
    ),
}

TOKEN_PREFIX = "cnon:card-nonce-"
ON_FILE_PREFIX = "ccof:customer-card-id-"

TOKEN_BY_NUMBER: dict[str, str] = {card.number: TOKEN_PREFIX + name for name, card in CARDS.items()}


def find_token_for_number(number: str) -> str | None:
    """The source token for a test card number, spaces allowed; None for any other number."""
    return TOKEN_BY_NUMBER.get(number.replace(" ", ""))


def find_card_name(source_id: str) -> str | None:
    """The test card a token names (`ok`, `declined`, …); None when it is no test token.

    `cnon:card-nonce-ok:anything` names the same card as `cnon:card-nonce-ok`, but can be used only once.
    """
    for prefix in (TOKEN_PREFIX, ON_FILE_PREFIX):
        if source_id.startswith(prefix):
            name = source_id.removeprefix(prefix).split(":", 1)[0]
            return name if name in CARDS else None
    return None


def is_reusable(source_id: str) -> bool:
    """Whether a token may pay again and again: fixed test tokens and cards on file may."""
    if source_id.startswith("ccof:"):
        return True
    return source_id.startswith(TOKEN_PREFIX) and ":" not in source_id.removeprefix(TOKEN_PREFIX)
