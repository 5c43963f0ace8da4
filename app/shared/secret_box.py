"""Encrypts what is secret at rest, and fingerprints it where equals must be found without opening it."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet


class SecretBox:
    """Both keys are derived from DATA_KEY, so that neither can be turned into the other."""

    def init(self, data_key: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(_derive(data_key, b"encrypt")))
        self._fingerprint_key = _derive(data_key, b"fingerprint")

    def encrypt(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Raises cryptography.fernet.InvalidToken when the key is not the one it was encrypted with."""
        return self._fernet.decrypt(token.encode()).decode()

    def fingerprint(self, text: str) -> str:
        """A keyed digest (64 hex digits): equal texts have equal ones, and nobody without the key can try them out."""
        return hmac.new(self._fingerprint_key, text.encode(), hashlib.sha256).hexdigest()


def _derive(data_key: str, purpose: bytes) -> bytes:
    return hmac.new(data_key.encode(), b"tradepost " + purpose, hashlib.sha256).digest()


secret_box = SecretBox()
