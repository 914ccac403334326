"""Who uses 1 % more each day is told by day 30, whatever he deploys meanwhile; a release is no drift."""

from __future__ import annotations

import pytest

from tests.detectors.resources.streams import Factor, day_of, kinds, reports, told

BEGIN = 40


def ramp(day: float) -> float:
    return 1.01 ** max(day - BEGIN, 0.0)


@pytest.mark.parametrize("seed", range(1, 5))
@pytest.mark.parametrize("measure", ["memory", "duration"])
def test_one_percent_a_day_is_told_by_day_30(measure: str, seed: int) -> None:
    factors: dict[str, Factor] = {measure: ramp}
    signals = [one for one in told(reports(BEGIN + 31, seed=seed, **factors)) if one.alone]
    assert ("resource_drift", measure) in kinds(signals)
    first = next(one for one in signals if one.finding.seen.of == measure)
    assert 10 < day_of(first) - BEGIN <= 30
    assert first.finding.seen.value > first.finding.expected.value


def test_small_releases_do_not_hide_a_drift() -> None:
    stream = reports(BEGIN + 31, memory=ramp, version=lambda day: str(int(day) // 4))
    assert ("resource_drift", "memory") in kinds(told(stream))


def test_a_release_is_no_drift() -> None:
    stream = reports(
        80, memory=lambda day: 1.5 if day >= BEGIN else 1.0, version=lambda day: str(int(day >= BEGIN))
    )
    assert kinds(told(stream)) == []


def test_a_drift_is_told_once() -> None:
    stream = reports(BEGIN + 34, memory=ramp)
    assert kinds(told(stream)).count(("resource_drift", "memory")) == 1
