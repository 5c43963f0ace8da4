"""The two look-alikes as commands: they start, say where they are, keep what they have, and stop when told."""

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from square import Square

from sandbox.background_server import listen
from tests.contract import plain_http

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a command, and wait for the line that says where it listens."""
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"http://127\.0\.0\.1:\d+", line)
            assert found, line
            yield process, found.group()
        finally:
            process.kill()


def test_the_square_command_keeps_its_state_between_starts(tmp_path: Path) -> None:
    command = [
        "sandbox.square",
        "--port",
        "0",
        "--state",
        str(tmp_path / "s.db"),
        "--token",
        "t",
        "--list-lag",
        "0",
    ]
    for start in (1, 2):
        with running(*command) as (process, url), plain_http.Client() as http:
            square = Square(base_url=url, token="t", httpx_client=http)
            square.payments.create(
                source_id="cnon:card-nonce-ok",
                idempotency_key=f"start-{start}",
                amount_money={"amount": 100, "currency": "USD"},
            )
            assert len(list(square.payments.list())) == start
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=5) == 0


def test_the_mail_command_stops_on_ctrl_c(tmp_path: Path) -> None:
    command = ["sandbox.mail", "--smtp-port", "0", "--http-port", "0", "--folder", str(tmp_path)]
    with running(*command) as (process, url):
        assert plain_http.get(f"{url}/healthz").status_code == 200
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ["sandbox.square", "--port", "TAKEN"],
        ["sandbox.mail", "--smtp-port", "TAKEN", "--http-port", "0", "--folder", "FOLDER"],
        ["sandbox.mail", "--smtp-port", "0", "--http-port", "TAKEN", "--folder", "FOLDER"],
    ],
)
def test_a_taken_port_is_said_in_one_line(arguments: list[str], tmp_path: Path) -> None:
    with listen("127.0.0.1", 0) as other:
        words = {"TAKEN": str(other.getsockname()[1]), "FOLDER": str(tmp_path)}
        given = [words.get(argument, argument) for argument in arguments]
        ended = subprocess.run(
            [sys.executable, "-m", *given], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
        )
    assert ended.returncode == 1
    assert words["TAKEN"] in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
