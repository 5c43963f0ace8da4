"""What mail servers say, as the ledger keeps it."""

from __future__ import annotations

import pytest

from app.mail.server_words import server_words


@pytest.mark.parametrize(
    "code, words, kept",
    [
        (250, b"2.0.0 Ok: queued as 4WxYz1", "250 2.0.0 Ok: queued as 4WxYz1"),
        (550, b"5.1.1 <ada@example.com>: unknown", "550 5.1.1 <a***@example.com>: unknown"),
        (450, "4.7.1 greylisted\r\ntry in 5 minutes", "450 4.7.1 greylisted try in 5 minutes"),
        (554, b"spam? http://shop/verify/MQ.abc", "554 spam? http://shop/verify/••••••"),
        (
            550,
            b"see https://mail.example.com/why?who=ada%40example.com",
            "550 see https://mail.example.com/why?••••••",
        ),
        (421, b"", "421"),
        (451, b"\x1b[31mno\x00", "451 [31mno"),
        (451, b"caf\xe9", "451 caf\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_servers_words_are_kept_in_one_line_that_names_nobody_and_opens_nothing(
    code: int, words: bytes | str, kept: str
) -> None:
    assert server_words(code, words) == kept


def test_a_server_that_talks_on_and_on_is_cut_short() -> None:
    said = server_words(550, b"no " * 5000)
    assert len(said) <= 180
    assert said.endswith("…")


def test_an_address_at_the_cut_is_masked_before_it_is_cut() -> None:
    said = server_words(550, b"x" * 165 + b" ada.lovelace@example.com")
    assert "ada." not in said
