"""Square's decline codes in plain words for the buyer. The list is Square's (Payments API, error codes)."""

from __future__ import annotations

_OTHER_CARD = "The bank declined this card. Try another card, or call the number on its back."

DECLINE_WORDS: dict[str, str] = {
    "ADDRESS_VERIFICATION_FAILURE": "The ZIP code does not match the one the bank has for this card. Check it and try again.",
    "CARD_DECLINED": _OTHER_CARD,
    "CARD_DECLINED_CALL_ISSUER": "The bank wants you to call it before it accepts this payment. Call the number on the card, or use another one.",
    "CARD_DECLINED_VERIFICATION_REQUIRED": "The bank asks for an extra check of this card. Try again and confirm with your bank, or use another card.",
    "CARD_EXPIRED": "This card has expired. Use another card.",
    "CARD_NOT_SUPPORTED": "This kind of card is not accepted here. Use another card.",
    "CARD_TOKEN_EXPIRED": "The card details were entered too long ago. Enter them again.",
    "CARD_TOKEN_USED": "These card details were used already. Enter them again.",
    # Ours, not Square's: the payment was never asked for (guarded_gateway.py).
    "CARD_SERVICE_BUSY": "The card service is slow and others are paying right now. Nothing was charged; please try again in a few seconds.",
    "CARD_SERVICE_DOWN": "Card payments were not answering. Nothing was charged; please try again.",
    "CVV_FAILURE": "The security code (CVV) does not match. Check the 3 or 4 digits and try again.",
    "EXPIRATION_FAILURE": "The expiry date does not match. Check month and year and try again.",
    "GENERIC_DECLINE": _OTHER_CARD,
    "INSUFFICIENT_FUNDS": "The card has not enough funds for this order. Use another card.",
    "INVALID_ACCOUNT": "The bank does not know this card number. Check it, or use another card.",
    "INVALID_CARD": "The bank does not know this card number. Check it, or use another card.",
    "INVALID_CARD_DATA": "The card details are not right. Enter them again.",
    "INVALID_EXPIRATION": "The expiry date is not right. Check month and year and try again.",
    "INVALID_PIN": _OTHER_CARD,
    "PAN_FAILURE": "The card number is not right. Check it and try again.",
    "PAYMENT_LIMIT_EXCEEDED": "The amount is above what this card allows. Use another card.",
    "TRANSACTION_LIMIT": "The amount is above what this card allows. Use another card.",
    "VOICE_FAILURE": "The bank wants you to call it before it accepts this payment. Call the number on the card, or use another one.",
}


def words_for(code: str) -> str:
    """What to tell the buyer; an unknown code gets the general sentence."""
    return DECLINE_WORDS.get(code, _OTHER_CARD)
