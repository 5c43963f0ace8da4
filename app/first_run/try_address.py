"""Ask for the shop's own address from outside, and see whether this shop answers there."""

from __future__ import annotations

import hashlib
import ssl
from pathlib import Path

import httpx

from app.first_run.draft import Draft
from app.first_run.outcome import Outcome, bad, good

# Answered by the set-up page alone; see app/first_run/door.py.
SIGN_PATH = "/set-up/here"
_SECONDS = 8


def sign_of(draft: Draft) -> str:
    """What only this shop answers; gives nothing away."""
    return hashlib.sha256(f"here {draft.cookie_key}".encode()).hexdigest()


def try_address(draft: Draft, _instance: Path) -> Outcome:
    site = draft.step("address")["site_url"]
    try:
        answer = httpx.get(f"{site}{SIGN_PATH}", timeout=_SECONDS, follow_redirects=False)
    except httpx.TimeoutException:
        return bad(
            f"{site} did not answer within {_SECONDS} seconds. Some hosts do not let a shop ask for its own address: "
            "open it in another tab, and go on if you see this set-up there."
        )
    except httpx.ConnectError as error:
        return bad(_why(error, site))
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return bad(f"{site} cannot be asked ({type(error).__name__}). Look for a slip of the pen in it.")
    if answer.is_redirect:
        return bad(
            f"{site} leads to {answer.headers.get('location', 'another address')}. Enter that address instead."
        )
    if answer.text.strip() != sign_of(draft):
        return bad(
            f"Something else answers at {site}. Point that domain at the folder public of this shop, or enter the "
            "address you see in your browser now."
        )
    return good(f"This shop answers at {site}.")


def _why(error: httpx.ConnectError, site: str) -> str:
    words = str(error).lower()
    if isinstance(_root(error), ssl.SSLError) or "certificate" in words or "ssl" in words:
        return (
            f"{site} has no certificate that browsers trust. Your host makes one, mostly for free "
            "(cPanel: SSL/TLS Status, Run AutoSSL)."
        )
    if ("name" in words and ("resolution" in words or "not known" in words)) or "nodename" in words:
        return f"No domain of that name is known yet: {site}. A new one may take some hours to be known everywhere."
    return f"Nobody answers at {site}. Is it spelt as in your browser's address line?"


def _root(error: BaseException) -> BaseException:
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    return error
