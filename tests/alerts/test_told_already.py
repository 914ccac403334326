"""What is told by many runs together is told once."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from coldtrail.alerts.correlation import WITHIN_S
from coldtrail.alerts.drifts import alerts_from_shifts
from coldtrail.alerts.signalled import alert_of
from coldtrail.alerts.told_already import untold
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
