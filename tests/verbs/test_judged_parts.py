"""Judged flows of several workers, in one order."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from random import Random

import msgspec
import numpy as np
import pytest

from coldtrail.bundle.model import Model
from coldtrail.pipeline import JudgingAlone, Prepared
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.testing import make_history
from coldtrail.verbs.earlier import Earlier
from coldtrail.verbs.judged_parts import JudgedPart, in_order, part_of
from coldtrail.verbs.passed import Passed
from coldtrail.verbs.verdict_lines import VerdictLines
from tests.verbs.telemetry_files import stolen

FLOWS = [*make_history(40, seed=4, prefix="n"), *(stolen(f"s{i}") for i in range(5))]
TRACES = sorted(Random(1).choices(range(30), k=len(FLOWS)))
"""Where the trace of each flow stands."""


def part(model: Model, places: Sequence[int]) -> JudgedPart:
    flows: list[Flow] = [FLOWS[place] for place in places]
    judged, prepared = JudgingAlone(model, Tally()).judge(flows)
    passed = Passed(VerdictLines(BytesIO()), Earlier(), only_anomalous=False)
    passed.take(judged)
    sent = msgspec.msgpack.encode(part_of([TRACES[place] for place in places], prepared, passed))
    return msgspec.msgpack.decode(sent, type=JudgedPart)


def merged(parts: Sequence[Prepared]) -> tuple[list[float], list[bytes], list[str], dict[object, int]]:
    starts = np.concatenate([one.looked.runs.readings.start for one in parts]).tolist()
    items = [item for one in parts for item in one.looked.items]
    sorted_out = [one.sorted_out for one in parts if one.sorted_out is not None]
    runs: dict[object, int] = {}
    for some in sorted_out:
        for of, number in some.runs.items():
            runs[of] = runs.get(of, 0) + number
    return starts, items, [flow.function_flow_id for some in sorted_out for _, flow in some.strange], runs


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 4, 100])
def test_flows_come_in_the_order_of_their_traces(model: Model, workers: int, size: int) -> None:
    (whole,) = in_order([iter([part(model, range(len(FLOWS)))])])
    own = [[place for place in range(len(FLOWS)) if TRACES[place] % workers == who] for who in range(workers)]
    each = [
        iter([part(model, places[first : first + size]) for first in range(0, len(places), size)])
        for places in own
    ]
    assert merged(list(in_order(each))) == merged([whole])


def test_steps_that_are_shown_stay_with_their_flows(model: Model) -> None:
    (whole,) = in_order([iter([part(model, range(len(FLOWS)))])])
    each = [iter([part(model, [p for p in range(len(FLOWS)) if TRACES[p] % 2 == who])]) for who in range(2)]
    pairs = []
    before = 0
    for one in in_order(each):
        shown = one.looked.runs.shown
        pairs += list(zip((shown.flow + before).tolist(), shown.kind.tolist(), strict=True))
        before += len(one.looked.items)
    shown = whole.looked.runs.shown
    assert sorted(pairs) == sorted(zip(shown.flow.tolist(), shown.kind.tolist(), strict=True))
