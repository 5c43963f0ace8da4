"""Signs the few texts that leave the shop and come back: links in mails, stamps in forms."""

from __future__ import annotations

import hashlib

from itsdangerous import URLSafeSerializer


def signer(keys: str | list[str], salt: str) -> URLSafeSerializer:
    """HMAC-SHA-256 under the last key; what any of the keys signed is believed. What is signed for one purpose (`salt`)
    is worth nothing for another. Earlier versions signed with SHA-1, and a link from then still works."""
    return URLSafeSerializer(
        keys,
        salt=salt,
        signer_kwargs={"digest_method": hashlib.sha256},
        fallback_signers=[{"digest_method": hashlib.sha1}],
    )
