"""Judged flows as rows."""

from __future__ import annotations

import numpy as np
import pytest

from coldtrail.detectors.drift.readings import readings_of
from coldtrail.detectors.drift.runs import Runs, all_of, column_type
from coldtrail.features.encode import encode
from tests.detectors.drift.lives import life, runs_among, taught


@pytest.fixture(scope="module")
def runs() -> Runs:
    flows = life(8)
    _, words, limits = taught(flows)
    return runs_among(flows, words, limits, [flows[3].function_flow_id])


def _same(one: Runs, other: Runs) -> bool:
    columns = zip(one.readings, other.readings, strict=True)
    rest = [(one.tie, other.tie), (one.alarmed, other.alarmed), (one.place, other.place)]
    return _shown(one) == _shown(other) and all(np.array_equal(a, b) for a, b in [*columns, *rest])


def _shown(runs: Runs) -> list[tuple[int, int]]:
    return sorted(zip(runs.shown.flow.tolist(), runs.shown.kind.tolist(), strict=True))


def test_rows_hold_what_the_readings_do(runs: Runs) -> None:
    flows = life(8)
    _, words, _ = taught(flows)
    for name, column in readings_of(encode(flows, words))._asdict().items():
        held = getattr(runs.readings, name)
        assert held.dtype == column_type(name)
        assert np.array_equal(held, column)
    assert np.flatnonzero(runs.alarmed).tolist() == [3]
    assert len(runs.shown.flow) == len(runs.shown.kind) > 0


def test_parts_put_together_are_the_whole(runs: Runs) -> None:
    number = len(runs)
    parts = [runs.take(np.arange(first, min(first + 100, number))) for first in range(0, number, 100)]
    assert _same(all_of(parts), runs)


def test_rows_taken_in_another_order_show_what_they_show(runs: Runs) -> None:
    back = np.arange(len(runs))[::-1]
    assert _same(runs.take(back).take(back), runs)
    assert _shown(runs.take(back)) != _shown(runs)
    assert _same(runs.take(back[:0]), all_of([runs.take(back[:0])]))
