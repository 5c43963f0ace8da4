"""When the line in front of the shop is too long, and for whom."""

from __future__ import annotations

import pytest

from app.overload.line import Line, Urgency, urgency_of

LIMIT = 1.5
BROWSING, CART, ALWAYS = Urgency.BROWSING, Urgency.CART, Urgency.ALWAYS


def standing_line() -> Line:
    """A line in which everybody has waited two seconds for four seconds, at second 4."""
    line = Line(LIMIT)
    for tenth in range(41):
        line.must_leave(2.0, ALWAYS, tenth / 10)
    return line


def test_one_slow_moment_sends_nobody_away():
    line = Line(LIMIT)
    waits = [6.0, 5.5, 5.0, 4.0, 3.0, 2.0, 1.6, 0.4, 0.0]
    assert not any(line.must_leave(wait, BROWSING, at / 10) for at, wait in enumerate(waits))


def test_a_line_that_gets_no_shorter_sends_those_away_who_browse():
    line = Line(LIMIT)
    told = [line.must_leave(2.0, BROWSING, tenth / 10) for tenth in range(41)]
    assert told.index(True) == 30
    assert all(told[30:])


def test_whoever_waited_little_is_let_in_even_while_others_are_sent_away():
    line = standing_line()
    assert not line.must_leave(1.5, BROWSING, 4.1)
    assert line.must_leave(1.6, BROWSING, 4.1)


@pytest.mark.parametrize(
    "urgency, waited, is_sent_away",
    [(BROWSING, 2.0, True), (CART, 2.0, False), (CART, 3.1, True), (ALWAYS, 60.0, False)],
)
def test_who_orders_is_more_patient_and_who_pays_is_never_sent_away(urgency, waited, is_sent_away):
    assert standing_line().must_leave(waited, urgency, 4.1) is is_sent_away


def test_short_waits_in_between_do_not_open_the_door_at_once():
    line = standing_line()
    line.must_leave(0.1, BROWSING, 4.5)
    assert line.must_leave(2.0, BROWSING, 5.0)


def test_after_a_calm_while_the_line_has_to_stand_again():
    line = standing_line()
    line.must_leave(0.1, BROWSING, 10.1)
    assert not line.must_leave(2.0, BROWSING, 10.2)
    assert not line.must_leave(2.0, BROWSING, 13.1)
    assert line.must_leave(2.0, BROWSING, 13.3)


def test_a_line_stands_while_no_thread_is_free_to_look_at_it():
    """All threads wait for somebody else for ten seconds: whoever comes next has stood there all the while."""
    line = Line(LIMIT)
    assert not line.must_leave(2.0, BROWSING, 0.0)
    assert line.must_leave(10.5, BROWSING, 10.0)


def test_a_long_wait_after_an_idle_night_is_a_first_one():
    line = Line(LIMIT)
    line.must_leave(2.0, BROWSING, 0.0)
    assert not line.must_leave(9.0, BROWSING, 30_000.0)


def test_switched_off_nobody_is_ever_sent_away():
    line = Line(0)
    assert not any(line.must_leave(60.0, BROWSING, at) for at in range(100))


@pytest.mark.parametrize(
    "path, urgency",
    [
        ("/", BROWSING),
        ("/catalog/candles", BROWSING),
        ("/search", BROWSING),
        ("/orders/TP-1001", BROWSING),
        ("/cart", CART),
        ("/cart/items", CART),
        ("/checkout/place", ALWAYS),
        ("/checkout/review", ALWAYS),
        ("/pay/abc", ALWAYS),
        ("/webhooks/square", ALWAYS),
        ("/healthz", ALWAYS),
        ("/readyz", ALWAYS),
        ("/metrics", ALWAYS),
        ("/static/shop.css", ALWAYS),
        ("/admin/orders/", ALWAYS),
    ],
)
def test_what_an_address_is_to_the_shop(path, urgency):
    assert urgency_of(path) is urgency
