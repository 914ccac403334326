"""Which flows can be learned from, and which compared with what was learned."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from coldtrail.bundle.model import Model
from coldtrail.features.fitness import is_comparable, is_fit
from coldtrail.records.facts import OUTSIDE, Facts
from coldtrail.records.flow import Flow
from coldtrail.testing import make_flow, make_history
from tests.features.test_lean import lean

TOLD = make_flow(
    [("GetObject", "S3", "stock", 0.01)], witnesses=("cloudtrail",), facts=Facts(), complete=False
)


@pytest.mark.parametrize(
    ("flow", "fit"),
    [
        (make_flow([]), True),
        (make_flow([], complete=False, witnesses=("xray",)), False),
        (make_flow([], complete=False), False),
        (TOLD, True),
        (replace(TOLD, facts=Facts(untraced=True)), False),
        (make_flow([], complete=False, facts=OUTSIDE, witnesses=("otlp",)), True),
        (replace(TOLD, witnesses=("cloudtrail", "xray")), False),
        (replace(TOLD, events=(), depths=(), self_times=(), witnesses=("lambda-report",)), False),
    ],
)
def test_what_can_be_learned_from_is_complete_or_all_that_the_audit_log_tells(flow: Flow, fit: bool) -> None:
    assert is_fit(flow) == is_fit(lean(flow)) == fit


@pytest.mark.parametrize("facts", [None, Facts(), Facts(untraced=True)])
def test_what_no_trace_tells_of_is_not_judged_by_what_traces_taught(model: Model, facts: Any) -> None:
    flows = [replace(one, facts=facts) for one in make_history(3, seed=9)]
    expected = "not_ready" if facts is not None and facts.untraced else "normal"
    assert {one.verdict for one in model.judge(flows)} == {expected}
    assert model.judge(flows[:1])[0].verdict == expected
    assert is_comparable(flows[0]) == (expected == "normal")
