"""What the shop signs and later believes."""

from __future__ import annotations

import pytest
from itsdangerous import BadSignature, URLSafeSerializer

from app.shared.signing import signer

OLD, NEW = "o" * 32, "n" * 32


def test_what_was_signed_is_believed_and_what_was_touched_is_not():
    signed = signer(NEW, "a link").dumps(7)
    assert signer(NEW, "a link").loads(signed) == 7
    with pytest.raises(BadSignature):
        signer(NEW, "a link").loads(signed[:-1] + ("A" if signed[-1] != "A" else "B"))


def test_what_was_signed_for_one_purpose_is_worth_nothing_for_another():
    with pytest.raises(BadSignature):
        signer(NEW, "pay").loads(signer(NEW, "reset").dumps(7))


def test_the_last_key_signs_and_the_one_before_it_is_still_believed():
    assert signer([OLD, NEW], "a link").loads(signer(OLD, "a link").dumps(7)) == 7
    with pytest.raises(BadSignature):
        signer(OLD, "a link").loads(signer([OLD, NEW], "a link").dumps(7))


def test_a_link_an_earlier_version_signed_still_works():
    assert signer(NEW, "a link").loads(URLSafeSerializer(NEW, salt="a link").dumps(7)) == 7


def test_nothing_is_signed_as_earlier_versions_did():
    with pytest.raises(BadSignature):
        URLSafeSerializer(NEW, salt="a link").loads(signer(NEW, "a link").dumps(7))
