"""The look through the logs must be able to find something, in every line, also in a file that was moved away."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.log_reading import LogReader, find_secrets

KNOWN = ["a secret key that is long enough", "sandbox-token"]


@pytest.mark.parametrize(
    "line",
    [
        '{"source": "cnon:card-nonce-ok"}',
        '{"card": "4111111111111111"}',
        '{"header": "Bearer abc"}',
        '{"hash": "$argon2id$v=19"}',
        '{"to": "ada@example.com"}',
        "GET /pay/WzEsMTc5NjA5NDQ1Nl0.q2fYkP4uJ8 200",
        "GET /password/reset/MTIz.abcdefgh 200",
        "session=eyJfdXNlcl9pZCI6IjEifQ.aSzLdw.u1Sk1m2cRr8n0QmZ9xWv3bT4yLo",
        "key: a secret key that is long enough",
        "token sandbox-token refused",
    ],
)
def test_what_no_log_may_hold_is_found(line: str) -> None:
    assert find_secrets(line, KNOWN)


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "mail_sent", "to": "a***@example.com", "order": "TP-12"}',
        '{"route": "/pay/<token>", "status": 200}',
        "opened /pay/[removed]",
        "app.payments.send_refund.py:12 in module_with_a_name_of_many_letters.and_another_one",
        '{"request_id": "0f8fad5bd9cb469fa16570867728950e", "at": "2026-11-20T10:00:00.123+00:00"}',
    ],
)
def test_what_a_log_may_hold_is_left_alone(line: str) -> None:
    assert find_secrets(line, KNOWN) == ""


def test_every_line_is_read_once_over_a_file_that_is_moved_and_a_line_that_comes_in_two_parts(
    tmp_path: Path,
) -> None:
    log = tmp_path / "web.log"
    reader = LogReader(tmp_path, ["web", "jobs"], KNOWN)
    reader.read_on()
    assert reader.lines == 0
    log.write_text("one\nto ada@exam")
    reader.read_on()
    assert (reader.lines, reader.found) == (1, [])
    with log.open("a") as more:
        more.write("ple.com\nthree\n")
    log.rename(tmp_path / "web.log.1")
    log.write_text("four\ntoken sandbox-token\n")
    reader.close()
    assert reader.lines == 5
    assert [each.partition(":")[0] for each in reader.found] == [
        "an e-mail address in web.log",
        "one of the shop's own keys or passwords in web.log",
    ]
