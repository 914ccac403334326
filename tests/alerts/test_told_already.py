"""What is told by many runs together is told once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.alerts.correlation import WITHIN_S
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.signalled import alert_of
from coldtrail.alerts.told_already import LOAD_LASTS_S, untold
from coldtrail.records.alert import Alert
from coldtrail.records.identity import FunctionKey
from coldtrail.records.traits import Quantity
from coldtrail.testing import START
from tests.alerts.test_drifts import make_shift
from tests.signals import make_signal

ORDER = FunctionKey("", "", "shop", "Order")


def drift(measure: str, function: str = "Order") -> Alert:
    (alert,) = alerts_from_shifts([make_shift(measure, function)], {})
    return alert


def signal(kind: str, at: float = START, of: str = "", key: FunctionKey = ORDER) -> Alert:
    seen = Quantity(3.0, "seconds", of) if of else None
    return alert_of([make_signal(kind, key, at, alone=True, seen=seen)])


@pytest.mark.parametrize(
    ("told", "one"),
    [
        (drift("load"), signal("surge")),
        (drift("rate"), signal("surge")),
        (drift("silence"), signal("silence")),
        (drift("duration"), signal("resource_level", of="duration")),
    ],
)
def test_the_same_is_told_once(told: Alert, one: Alert) -> None:
    assert untold([told], [one]) == []


@pytest.mark.parametrize(
    ("told", "one"),
    [
        (drift("rate"), signal("silence")),
        (drift("rate", "Ship"), signal("surge")),
        (drift("load"), signal("surge", key=FunctionKey("", "", "bank", "Order"))),
        (drift("duration"), signal("resource_level", of="memory")),
        (drift("rate"), signal("surge", at=START + WITHIN_S + 120)),
        (drift("load"), signal("demand")),
    ],
)
def test_anything_else_is_told(told: Alert, one: Alert) -> None:
    assert untold([told], [one]) == [one]


def test_a_load_speaks_for_all_functions_of_its_application() -> None:
    other = signal("surge", key=ORDER._replace(function="Ship"))
    assert untold([drift("load")], [other]) == []
    assert untold([replace(drift("load"), last_seen=START - 9e6, first_seen=START - 9e6)], [other]) == [other]


@pytest.mark.parametrize(
    ("invocations", "most", "hours", "is_told"),
    [
        (29.0, 10.0, 20.0, False),
        (31.0, 10.0, 20.0, True),
        (29.0, 10.0, 26.0, True),
        (29.0, None, 20.0, True),
    ],
    ids=["as much more as the load", "a flood", "long after the load was told", "nothing on record"],
)
def test_a_load_explains_for_a_day_as_much_more_as_it_is(
    invocations: float, most: float | None, hours: float, is_told: bool
) -> None:
    load = alerts_from_shifts([make_shift("load", after=3 * 0.35)], {})
    usual = Quantity(2.0, "invocations", period_s=300.0, most=most)
    seen = Quantity(invocations, "invocations", period_s=300.0)
    at = START + hours * 3_600.0
    one = alert_of([make_signal("surge", ORDER, at, alone=True, expected=usual, seen=seen)])
    assert (LOAD_LASTS_S, untold(load, [one])) == (86_400.0, [one] if is_told else [])
