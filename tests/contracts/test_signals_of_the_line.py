"""What lies in no single run goes through the line as runs do: stopped and resumed at any record, cut and
mixed within lateness, it gives the same signals, alerts and cases of all detectors of signals."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from math import inf
from random import Random
from typing import NamedTuple

import msgspec
import pytest

from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.learning.train import learn
from coldtrail.pipeline import Judging
from coldtrail.records.encounter import What
from coldtrail.records.signal import Signal
from coldtrail.records.stage import part, unpacked
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Observations
from coldtrail.records.window import Window
from coldtrail.records.witnesses import Access, ApiCall, Change, Metric, Network, Report
from coldtrail.registry import SIGNAL_DETECTORS
from coldtrail.testing import make_history
from tests.contracts.encounters import fortnight

LATENESS_S = 900.0
DAYS, STRANGE_DAYS = 6.0, 1.0
Told = tuple[float, Observations]


@cache
def model() -> Model:
    return learn(make_history(40), Settings()).model


@cache
def told() -> tuple[Told, ...]:
    """What is told when, by time."""
    return tuple((one.at, observed(one.what)) for one in fortnight(1, DAYS, STRANGE_DAYS))


def observed(what: What) -> Observations:
    match what:
        case Window():
            metric = Metric(
                what.start_time, what.period_s, what.function_name, None, what.account,
                what.region, invocations=what.invocations, memory_mb_max=what.memory_mb_max,
            )  # fmt: skip
            return Observations(metrics=(metric,))
        case ApiCall():
            return Observations(calls=(what,))
        case Change():
            return Observations(changes=(what,))
        case Report():
            return Observations(reports=(what,))
        case Access():
            return Observations(accesses=(what,))
        case Network():
            return Observations(networks=(what,))
    raise AssertionError(what)


class Words(NamedTuple):
    """All that is told in the end."""

    alerts: bytes
    cases: bytes
    signals: list[Signal]


def _words(line: Judging) -> Words:
    signals = unpacked(part(line.snapshot(), "signalled"), "signals", list[Signal])
    return Words(msgspec.json.encode(line.alerts), msgspec.json.encode(line.cases), signals)


def walked(items: Sequence[Told], stops: Sequence[int]) -> Words:
    """Alerts and cases of a line that is advanced, stopped and resumed after so many records."""
    line = Judging(model(), Tally())
    first = 0
    for stop in [*stops, len(items)]:
        assert line.signalling is not None
        for _, one in items[first:stop]:
            line.signalling.observe(one)
        line.advance(min((at for at, _ in items[stop:]), default=inf))
        state, line = line.snapshot(), Judging(model(), Tally())
        line.restore(state)
        first = stop
    return _words(line)


@cache
def at_once() -> Words:
    return walked(told(), ())


@pytest.mark.parametrize("seed", range(3))
def test_stops_at_any_record_and_any_order_within_lateness_change_nothing(seed: int) -> None:
    random = Random(seed)
    mixed = sorted(told(), key=lambda one: one[0] + random.uniform(0.0, LATENESS_S))
    strange = int(len(mixed) * DAYS / (DAYS + STRANGE_DAYS))
    stops = sorted({random.randrange(len(mixed)) for _ in range(4)})
    stops += sorted({random.randrange(max(strange, stops[-1]), len(mixed)) for _ in range(8)})
    assert walked(mixed, stops) == at_once()


def test_all_detectors_of_signals_tell_something_here() -> None:
    assert {one.detector for one in at_once().signals} == set(SIGNAL_DETECTORS)
    assert at_once().alerts != at_once().cases != b"[]"
