"""Account and region are told where they tell functions apart, and only there."""

from __future__ import annotations

from coldtrail.alerts.places import Places
from coldtrail.testing import make_key

HERE = make_key(account="111122223333", region="eu-west-1")
THERE = make_key(account="444455556666", region="eu-west-1")
ABROAD = make_key(account="111122223333", region="us-east-1")


def test_one_place_is_not_told() -> None:
    places = Places([HERE, HERE._replace(function="Pay")])
    assert (places.columns, places.cells(HERE)) == ((), ())
    assert (places.name(HERE), places.full_name(HERE)) == ("Order", "Order (shop)")
    assert Places([]).columns == ()


def test_what_differs_is_told() -> None:
    assert Places([HERE, THERE]).name(THERE) == "Order (444455556666)"
    assert Places([HERE, ABROAD]).full_name(ABROAD) == "Order (shop, us-east-1)"
    places = Places([HERE, THERE, ABROAD])
    assert places.columns == ("Account", "Region")
    assert places.cells(HERE) == ("111122223333", "eu-west-1")


def test_a_place_that_is_not_told_is_unknown() -> None:
    assert Places([HERE, make_key()]).name(make_key()) == "Order (unknown, unknown)"
