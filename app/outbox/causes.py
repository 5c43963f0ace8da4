"""Why a job failed, in words an owner can act on. What was raised stays below it for whoever looks deeper."""

from __future__ import annotations

# First match wins; what is looked for is the name of an exception or a word of its message, case aside.
_CAUSES = (
    (
        ("kindunknown",),
        "A newer version of the shop wrote it down, and this one cannot do it. After the next upgrade press Try again.",
    ),
    (
        ("smtpauthenticationerror",),
        "The mail server refused the shop's user name or password. Check MAIL_USERNAME and MAIL_PASSWORD.",
    ),
    (
        ("smtprecipientsrefused",),
        "The mail server does not take mail for this address. Check how it is spelled.",
    ),
    (
        ("smtpsenderrefused",),
        "The mail server does not let the shop send from its address. Check MAIL_DEFAULT_SENDER.",
    ),
    (("smtp",), "The mail server refused the mail. It may work later; check its limits if it stays so."),
    (
        ("outcomeunknown",),
        "The payment provider did not answer, so what it did is not known yet. Trying again asks first.",
    ),
    (("circuitbreakererror",), "The payment provider or the mail server was down for a while."),
    (
        ("unauthorized", "access_token"),
        "The payment provider refused the shop's keys. Check SQUARE_ACCESS_TOKEN.",
    ),
    (("comebacklater",), "Somebody else was at it; it comes back by itself."),
    (
        ("connectionrefused", "connecterror", "gaierror", "timed out", "timeout"),
        "The server on the other side could not be reached.",
    ),
    (
        ("storageaway",),
        "The place where papers and pictures are kept does not answer. `flask check` says what is wrong with it.",
    ),
    (("notfound",), "What it is about is gone."),
    (
        ("templatenotfound", "undefinederror"),
        "A text of the shop is broken. Please tell whoever looks after the shop.",
    ),
)


def plain_cause(error: str) -> str:
    """The last error of a job in plain words; "" when there was none."""
    if not error:
        return ""
    text = error.casefold()
    for signs, words in _CAUSES:
        if any(sign in text for sign in signs):
            return words
    return "It failed in a way the shop does not know. What was reported stands on its page."
