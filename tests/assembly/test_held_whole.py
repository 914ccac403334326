"""Whole traces that are held as bytes come back as they were."""

from __future__ import annotations

import json

from coldtrail.assembly.held_whole import HeldWholes
from coldtrail.config import Settings
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document
from tests.fixtures.odd_traces import OddTraces


def wholes(number: int, seed: int = 0) -> list[WholeTrace]:
    """Traces that one document holds whole."""
    parser, made = XRayParser(Settings()), OddTraces(seed, 0.0)
    told = [
        parser.straight(Document(json.dumps(made.trace()).encode(), "file", f"line {i}"))
        for i in range(number)
    ]
    return [one for one in told if isinstance(one, WholeTrace)]


def test_a_whole_trace_that_was_held_is_the_same_trace_with_the_same_shapes() -> None:
    traces, wholes_held = wholes(60), HeldWholes()
    assert len(traces) > 30
    released = [wholes_held.released(one) for one in [wholes_held.held(one) for one in traces]]
    assert released == [one._replace(requests=()) for one in traces], "requests were taken before"
    shapes = {run.columns.shape for one in traces for run in one.runs}
    assert wholes_held.steps == sum(len(shape.steps) + 1 for shape in shapes)
    assert any(shape.steps for shape in shapes)
