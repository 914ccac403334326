"""A month of 56 principals: nothing is told alone of what is benign, and each takeover is told."""

from __future__ import annotations

from math import inf

import pytest

from coldtrail.config import BaselineSettings
from coldtrail.detectors.callers.detector import CallersDetector
from coldtrail.records.signal import Signal
from tests.detectors.callers.simulation import DAY_S, PEOPLE, SERVICES, Takeover, month

SOON_S = 3_600.0


def signals_of(seed: int, takeovers: int) -> tuple[list[Signal], list[Takeover]]:
    encounters, attacked = month(seed, takeovers)
    return CallersDetector(BaselineSettings()).see(encounters, inf), attacked


def is_of(signal: Signal, takeover: Takeover) -> bool:
    return (
        signal.finding.subject.principal == takeover.principal
        and 0.0 <= signal.at - takeover.start <= DAY_S
        and signal.finding.kind == "takeover"
    )


@pytest.mark.parametrize("seed", range(101, 104))
def test_a_benign_month_tells_nothing_alone_and_little_besides(seed: int) -> None:
    assert PEOPLE + SERVICES >= 50
    signals, _ = signals_of(seed, 0)
    assert [one for one in signals if one.alone] == []
    # 50 subjects and more over 30 days.
    assert len(signals) < 0.05 * 50 * 30


@pytest.mark.parametrize("seed", range(201, 207))
def test_each_takeover_is_told_within_the_hour_and_nobody_else_is_accused(seed: int) -> None:
    signals, attacked = signals_of(seed, 3)
    alone = [one for one in signals if one.alone]
    for takeover in attacked:
        (told,) = [one for one in alone if is_of(one, takeover)]
        assert told.at - takeover.start < SOON_S
        assert takeover.principal in told.principals
    assert all(any(is_of(one, takeover) for takeover in attacked) for one in alone)
