"""Amounts and traits in words."""

from __future__ import annotations

import pytest

from coldtrail.alerts.wording.measures import (
    amount,
    known_values,
    period,
    prices,
    quantity,
    trait,
    traits,
    usual_quantity,
    within,
)
from coldtrail.records.finding import Known, Met, StepKey
from coldtrail.records.traits import Quantity, Trait, Traits

CONTROL = "\x1b]0;owned\x07\x1b[31mred"


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Quantity(3_214.0, "invocations"), "3,200 invocations"),
        (Quantity(1.0, "calls"), "1 call"),
        (Quantity(0.25, "seconds"), "250 ms"),
        (Quantity(1_234_567_890.0, "bytes"), "1.2 GB"),
        (Quantity(412.36, "mb"), "412.4 MB"),
        (Quantity(12.4, "usd"), "$12.40"),
        (Quantity(0.001, "usd"), "less than $0.01"),
        (Quantity(7_512.0, "gb_seconds"), "7,500 GB-seconds"),
        (Quantity(3.14, "ratio"), "3.1 times as much"),
    ],
)
def test_amounts_bear_their_units(told: Quantity, words: str) -> None:
    assert amount(told) == words


def test_what_adds_up_says_over_how_long() -> None:
    spans = [within(Quantity(1.0, "bytes", period_s=days * 86_400.0)) for days in (1, 2, 7)]
    assert spans == ["within a day", "over 2 days", "over 7 days"]
    assert within(Quantity(1.0, "bytes", period_s=3_600.0)) == "within an hour"
    assert within(Quantity(1.0, "bytes")) == ""
    assert period(Quantity(1.0, "bytes", period_s=172_800.0)) == "in 2 days"


def test_a_quantity_says_of_what_and_how_long() -> None:
    assert quantity(Quantity(412.0, "mb", of="memory")) == "memory of 412 MB"
    assert quantity(Quantity(40.0, "invocations", period_s=300.0)) == "40 invocations in 5 min 0 s"
    assert quantity(Quantity(2.0, "usd", period_s=86_400.0)) == "$2.00 a day"


def test_money_says_by_which_prices_it_was_counted() -> None:
    told = Quantity(12.4, "usd", "cost", 86_400.0, prices=(0.0000166667, 0.2))
    assert quantity(told) == (
        "cost of $12.40 a day, at $0.0000166667 a GB-second and $0.20 a million requests"
    )
    assert prices(Quantity(12.4, "usd")) == period(Quantity(12.4, "usd")) == ""


def test_what_is_usual_says_how_that_is_known() -> None:
    usual = Quantity(40.0, "invocations", period_s=3_600.0, most=90.0, days=12.2)
    assert usual_quantity(usual) == (
        "about 40 invocations an hour, at most 90 invocations in 12 days of history"
    )
    assert usual_quantity(Quantity(4.0, "mb", days=0.25)) == "about 4 MB in 6 hours of history"


def test_traits_name_what_they_are_and_hide_nothing() -> None:
    assert trait(Trait("country", "NL")) == "country NL"
    assert trait(Trait("user_agent", "aws-cli")) == "program aws-cli"
    assert traits(Traits((Trait("country", "NL"), Trait("function_role", "admin")))) == (
        "country NL, role of the function admin"
    )
    assert CONTROL not in trait(Trait("network", CONTROL))


def test_known_values_come_with_how_often() -> None:
    known = Known((Met("NL", 12.0), Met(StepKey("GetItem", "DynamoDB", "Stock"), 3.0), Met(None, 1.0)), 4)
    assert known_values(known) == (
        "NL (12 times), “GetItem Stock” (3 times), “nobody on record” (1 times) and 4 more"
    )
    assert known_values(Known(())) == "none so far"
