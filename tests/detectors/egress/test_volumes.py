"""Amounts of functions: demand, single invocations, days."""

from __future__ import annotations

from coldtrail.detectors.egress.states import Meetings, Pool, Travels
from coldtrail.detectors.egress.volumes import Volumes, demand, end_day, ran
from coldtrail.records.signal import Ref
from tests.detectors.egress.days import PAY

REF = Ref("event", "e")
HOUR = 3_600.0


def travels(hours: int = 48, size: float = 50_000.0) -> Travels:
    found, volumes = Travels(PAY, Meetings()), Volumes(0.03)
    for hour in range(hours):
        ran(found, hour * HOUR)
        assert volumes.took(found, "sent", size, hour * HOUR, REF, Pool()) is None
    return found


def test_demand_is_how_many_times_as_often_it_runs() -> None:
    found = travels()
    for _ in range(10):
        ran(found, 48 * HOUR)
    assert 9.0 < demand(found) < 12.0
    assert demand(Travels(PAY, Meetings())) == 1.0


def test_much_is_told_unless_it_is_asked_for() -> None:
    found, volumes = travels(), Volumes(0.03)
    signal = volumes.took(found, "sent", 900_000.0, 48 * HOUR, REF, Pool(), "p-key")
    assert signal is not None
    assert (signal.finding.kind, signal.credentials) == ("bytes_sent", ("p-key",))
    busy = travels()
    for _ in range(20):
        ran(busy, 48 * HOUR)
    assert volumes.took(busy, "sent", 900_000.0, 48 * HOUR, REF, Pool()) is None


def test_little_is_never_much() -> None:
    assert Volumes(0.03).took(travels(size=10.0), "sent", 20_000.0, 48 * HOUR, REF, Pool()) is None


def test_one_invocation_is_held_against_the_largest() -> None:
    found, volumes = travels(), Volumes(0.03)
    assert not [one for n in range(100) if (one := volumes.measured(found, 50_000.0, float(n), REF))]
    assert volumes.measured(found, 150_000.0, 200.0, REF) is None
    assert volumes.measured(found, 5_000_000.0, 201.0, REF) is not None
    assert volumes.measured(found, 5_000_000.0, 202.0, REF) is None


def test_much_of_a_day_is_told_within_it_once() -> None:
    found, volumes, pool, told = Travels(PAY, Meetings()), Volumes(0.03), Pool(), []
    for number in range(24 * 12):
        at, size = number * HOUR, 500.0 if number < 24 * 11 else 9_000.0
        end_day(found, at, pool)
        told.append(volumes.took(found, "sent", size, at, REF, pool))
    (signal,) = [one for one in told if one is not None]
    assert (signal.finding.kind, signal.finding.seen.period_s) == ("bytes_sent", 86_400.0)
    assert signal.finding.seen.value >= max(32_768.0, 3.9 * signal.finding.expected.value)
    assert 11 * 86_400.0 < signal.at < 12 * 86_400.0
