"""Cold starts that nobody waited for are no time of the run that shows them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from coldtrail.assembly.assembling import Assembling, straight
from coldtrail.config import Settings
from coldtrail.features.lean import whole
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from tests.fixtures.telemetry import START, arn_of
from tests.formats.xray_parts import FUNCTION, segment, step

TRACE = "1-6b0023b1-374e13551aec24967b10d634"


def flow_of(init: tuple[float, float], *, asked: float | None, lean: bool, **run: Any) -> Flow:
    """A run that starts at `START`, with an initialisation; the request came `asked` seconds after that."""
    start = step(2, "Initialization", start_time=START + init[0], end_time=START + init[1])
    segments = [segment(step(1, "Invocation"), start, parent_id="d1", **run)]
    if asked is not None:
        invoked = {"id": "d1", "origin": "AWS::Lambda", "start_time": START + asked, "parent_id": None}
        segments.append(segment(name=FUNCTION, resource_arn=arn_of(FUNCTION), **invoked))
    trace = {"Id": TRACE, "Segments": [{"Document": json.dumps(one)} for one in segments]}
    parser = XRayParser(Settings())
    assembling = Assembling(straight(parser) if lean else parser, Settings(), Tally())
    assert assembling.push([Document(json.dumps(trace).encode(), "test")]) == []
    (flow,) = assembling.drain()
    return whole(flow)


@pytest.mark.parametrize("lean", [False, True])
@pytest.mark.parametrize(
    ("init", "asked", "took"),
    [
        ((-0.5, -0.01), -0.6, 0.49),
        ((-0.5, -0.01), None, 0.49),
        ((-7_200.0, -0.01), -0.01, 0.0),
        ((-7_200.0, -0.01), None, 0.0),
        ((-7_200.0, -3_600.0), -0.01, 0.0),
        ((-20.0, -10.0), None, 0.0),
        ((-8.0, -3.0), -0.01, 0.0),
    ],
    ids=str,
)
def test_what_had_ended_before_the_request_took_no_time(
    init: tuple[float, float], asked: float | None, took: float, lean: bool
) -> None:
    flow = flow_of(init, asked=asked, lean=lean)
    assert flow.cold_start
    assert flow.events[0].event_name == "Initialization"
    assert flow.self_times[0] == pytest.approx(took, abs=1e-6)
    assert (flow.start_time, flow.end_time) == (START, START + 1)


def test_a_run_of_unknown_start_does_not_start_with_it() -> None:
    flow = flow_of((-7_200.0, -0.01), asked=-0.01, lean=False, start_time=None)
    assert flow.start_time == START + 0.1
