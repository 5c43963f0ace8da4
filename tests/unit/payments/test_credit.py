"""Who may order on account, for how much, and what they are told when not."""

from __future__ import annotations

from app.payments.credit import DAYS_OF_PATIENCE, Credit
from app.shared.money import ZERO, Money

NET_30 = Credit(net_days=30, limit=Money(100_00), owed=Money(60_00))


def test_an_order_that_fills_the_limit_to_the_cent_goes_through():
    assert NET_30.find_refusal(Money(40_00)) == ""
    assert NET_30.left == Money(40_00)


def test_one_cent_more_than_the_limit_is_refused_with_what_is_open_and_what_is_left():
    words = NET_30.find_refusal(Money(40_01))
    assert "$40.01" in words
    assert "limit of $100.00" in words
    assert "$60.00 is open" in words
    assert "$40.00 is left" in words


def test_a_limit_of_nothing_lets_nothing_through():
    assert Credit(net_days=30, limit=ZERO).find_refusal(Money(1)) != ""


def test_without_a_limit_any_amount_goes_on_account():
    assert Credit(net_days=30, owed=Money(10**9)).find_refusal(Money(10**9)) == ""


def test_without_terms_nothing_goes_on_account():
    assert "no payment terms" in Credit().find_refusal(Money(1))


def test_an_invoice_closes_the_account_the_day_after_its_patience_is_over():
    assert Credit(net_days=30, most_overdue=DAYS_OF_PATIENCE).find_refusal(Money(1)) == ""
    assert "31 days overdue" in Credit(net_days=30, most_overdue=DAYS_OF_PATIENCE + 1).find_refusal(Money(1))


def test_somebody_above_a_lowered_limit_has_nothing_left():
    assert Credit(net_days=30, limit=Money(10_00), owed=Money(60_00)).left == ZERO
