"""Encrypts what is secret at rest, and fingerprints it where equals must be found without opening it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class SecretBox:
    """Both keys are derived from DATA_KEY, so that neither can be turned into the other.

    While keys are rotated the old one still opens what it closed; whatever is closed anew is closed with the new one.
    """

    def init(self, data_key: str, old_data_key: str = "") -> None:
        keys = [data_key, old_data_key] if old_data_key else [data_key]
        self._fernets = [Fernet(base64.urlsafe_b64encode(_derive(key, b"encrypt"))) for key in keys]
        self._fingerprint_keys = [_derive(key, b"fingerprint") for key in keys]

    @property
    def is_rotating(self) -> bool:
        return len(self._fernets) > 1

    def encrypt(self, text: str) -> str:
        return self._fernets[0].encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Raises cryptography.fernet.InvalidToken when no key it knows is the one it was encrypted with."""
        return MultiFernet(self._fernets).decrypt(token.encode()).decode()

    def is_current(self, token: str) -> bool:
        """Whether it was encrypted with the present key rather than the old one."""
        try:
            self._fernets[0].decrypt(token.encode())
        except InvalidToken:
            return False
        return True

    def fingerprint(self, text: str) -> str:
        """A keyed digest (64 hex digits): equal texts have equal ones, and nobody without the key can try them out."""
        return self.fingerprints(text)[0]

    def fingerprints(self, text: str) -> list[str]:
        """The present one, and after it the one that may still be stored while keys are rotated."""
        return [hmac.new(key, text.encode(), hashlib.sha256).hexdigest() for key in self._fingerprint_keys]


def _derive(data_key: str, purpose: bytes) -> bytes:
    return hmac.new(data_key.encode(), b"tradepost " + purpose, hashlib.sha256).digest()


secret_box = SecretBox()
