"""Names that differ by a region or one word."""

from __future__ import annotations

import pytest

from coldtrail.features.names.counterparts import Counterparts, difference, words_of

KNOWN = ("orders", "data-eu-west-1/in/*.csv", "api.bank.example", "scores@db.quotes.example", "x")


@pytest.mark.parametrize(
    ("name", "counterpart", "how"),
    [
        ("orders-dr", "orders", "dr"),
        ("dr-orders", "orders", "dr"),
        ("orders.standby", "orders", "standby"),
        ("data-eu-central-1/in/7.csv", "data-eu-west-1", "{region}"),
        ("data-us-gov-east-1", "data-eu-west-1", "{region}"),
        ("api-2.bank.example", "api.bank.example", "2"),
        ("data-dr-eu-west-1", "data-eu-west-1", "dr"),
    ],
)
def test_a_region_or_a_word_more_has_a_counterpart(name: str, counterpart: str, how: str) -> None:
    assert Counterparts(KNOWN).of(name) == counterpart
    assert difference(name, counterpart) == how


@pytest.mark.parametrize(
    "name", ["orders", "order-dr", "orders-dr-2", "ordersdr", "x-dr", "loot", "", "data-eu-west-1/out/9.csv"]
)
def test_other_names_have_none(name: str) -> None:
    assert Counterparts(KNOWN).of(name) is None


def test_words_are_those_of_the_place() -> None:
    assert words_of("data-dr.eu-west-1/in-dr2/x") == {"data", "dr", "{region}"}
