"""How busy applications usually are, from histories that are samples as well."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.learning import hours_of
from coldtrail.detectors.drift.load_learning import LEAST_BIN_S, RUNS_OF_A_BIN, learn_loads
from coldtrail.detectors.drift.readings import Readings
from tests.detectors.drift.histories import START, columns, history
from tests.detectors.drift.test_loads import APPLICATIONS, busy


def test_bins_hold_a_few_runs_and_counts_vary_as_those_of_a_poisson() -> None:
    readings = columns(busy(10, 1, START))
    loads = learn_loads(readings, APPLICATIONS, hours_of(readings))
    assert loads.keys() == {1, 2}
    assert loads[1].runs_a_second == pytest.approx(6 * loads[2].runs_a_second, rel=0.1)
    for load in loads.values():
        assert load.runs_a_second * load.bin_s == pytest.approx(RUNS_OF_A_BIN)
        assert load.spread == pytest.approx(1.0, abs=0.3)


def test_runs_that_come_in_bursts_vary_more() -> None:
    one = columns(history(500, every_s=100.0))
    bursts = Readings._make(np.repeat(column, 12) for column in one)
    apart = learn_loads(one, APPLICATIONS, hours_of(one))[1]
    together = learn_loads(bursts, APPLICATIONS, hours_of(bursts))[1]
    assert together.spread > 4 * apart.spread
    assert together.limit >= apart.limit


def test_a_sample_counts_for_all_that_it_stands_for() -> None:
    readings = columns(busy(10, 1, START))
    kept = readings.take(np.arange(0, len(readings.start), 10))
    kept = kept._replace(weight=np.full(len(kept.start), 10.0))
    whole = learn_loads(readings, APPLICATIONS, hours_of(readings))[1]
    some = learn_loads(kept, APPLICATIONS, hours_of(kept))[1]
    assert some.runs_a_second == pytest.approx(whole.runs_a_second, rel=0.05)
    assert some.spread > whole.spread


def test_runs_at_one_moment_tell_no_load() -> None:
    one = columns(history(5))
    still = one._replace(start=np.full(5, START))
    assert learn_loads(still, APPLICATIONS, hours_of(still)) == {}
    quick = columns(history(5_000, every_s=0.01))
    assert learn_loads(quick, APPLICATIONS, hours_of(quick))[1].bin_s == LEAST_BIN_S
