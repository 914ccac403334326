"""Clocks that count runs."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.absence_limits import WHOLE, applications_of, clock, counted
from coldtrail.detectors.drift.clocks import Clocks, Time
from coldtrail.detectors.drift.runs import Runs
from coldtrail.errors import BundleError
from coldtrail.records.stage import packed
from tests.detectors.drift.lives import life, runs_among, taught


def _runs() -> tuple[Clocks, Runs]:
    flows = life(8)
    _, words, limits = taught(flows)
    return Clocks(limits, words), runs_among(flows, words, limits)


def test_clocks_show_what_whole_arrays_do() -> None:
    clocks, runs = _runs()
    _, words, limits = taught(life(8))
    (line,) = clocks.each_together(runs).values()
    of, each = applications_of(words)[runs.readings.function], np.ones(len(runs))
    pace = np.array([1.0, limits[1][WHOLE].pace])
    assert line.clock == pytest.approx(clock(of, runs.readings.start, each, pace), rel=1e-12)
    assert line.runs.tolist() == counted(of, each).tolist()
    for mine in clocks.each_own(runs).values():
        assert mine.clock.tolist() == list(range(1, len(mine.rows) + 1))
        assert mine.time(2) == Time(3.0, 3.0, float(runs.readings.start[mine.rows[2]]))


def test_where_the_runs_are_cut_changes_no_bit() -> None:
    (whole, runs), (parts, _) = _runs(), _runs()
    whole.each_together(runs)
    whole.each_own(runs)
    for rows in np.array_split(np.arange(len(runs)), 17):
        parts.each_together(runs.take(rows))
        parts.each_own(runs.take(rows))
        state, (parts, _) = parts.snapshot(), _runs()
        parts.restore(state)
    assert (parts.own, parts.together) == (whole.own, whole.together)


def test_a_line_tells_when_its_clock_passes_a_time() -> None:
    clocks, runs = _runs()
    line = next(iter(clocks.each_own(runs).values()))
    assert line.passes(2.0) == line.start[2]
    assert line.passes(float(len(line.rows))) is None


def test_a_damaged_state_is_refused() -> None:
    clocks, _ = _runs()
    with pytest.raises(BundleError, match="damaged"):
        clocks.restore({"own": packed([1]), "together": packed({})})
