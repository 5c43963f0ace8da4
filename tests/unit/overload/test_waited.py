"""How long a request stood in line, as the server in front tells."""

from __future__ import annotations

import pytest

from app.overload.waited import seconds_waited

NOW = 1_800_000_010.5


@pytest.mark.parametrize(
    "header, seconds",
    [
        ("t=1800000008.250", 2.25),  # nginx: t=${msec}
        ("t=1800000008250000", 2.25),  # Apache: %t
        ("1800000008250", 2.25),
        ("t=1800000010.5", 0),
        ("t=1800000011.0", 0),  # that clock is ahead of ours
        ("t=1799990000.0", 0),  # or hours behind
        ("soon", 0),
        ("t=", 0),
        ("t=-1800000008", 0),
        ("t=1800000008.250; drop", 0),
        ("", 0),
    ],
)
def test_the_proxy_tells_when_the_request_came(header, seconds):
    assert seconds_waited({"HTTP_X_REQUEST_START": header}, NOW) == pytest.approx(seconds)


def test_mod_wsgi_tells_it_without_a_header():
    assert seconds_waited({"mod_wsgi.request_start": "1800000009500000"}, NOW) == pytest.approx(1.0)


def test_the_longest_of_several_counts():
    told = {"HTTP_X_REQUEST_START": "t=1800000010.4", "mod_wsgi.request_start": "1800000009500000"}
    assert seconds_waited(told, NOW) == pytest.approx(1.0)


def test_a_server_that_tells_nothing_is_believed_to_have_no_line():
    assert seconds_waited({}, NOW) == 0
    assert seconds_waited({"gunicorn.socket": object()}, NOW) == 0
