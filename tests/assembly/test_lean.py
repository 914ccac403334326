"""Traces held as columns: the same flows as of records, whatever comes after, put away and taken up again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from math import inf
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.assembly.assembling import Assembling, straight
from coldtrail.assembly.lean import LeanTrace, observations_of
from coldtrail.assembly.open_traces import OpenTraces
from coldtrail.config import LimitSettings, Settings
from coldtrail.features.lean import whole
from coldtrail.formats.detect import parser_for
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.columns import LeanFlow, WholeTrace
from coldtrail.records.flow import Flow
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document
from tests.assembly.test_open_traces import Kept
from tests.fixtures.odd_traces import OddTraces
from tests.fixtures.telemetry import Json, TraceBuilder, as_answered


def documents(seed: int, odds: float, number: int = 12, clock: float = 0.0) -> list[Document]:
    """Traces, most of them whole, some in two parts, some told twice; with a clock of so many seconds."""
    made, random = OddTraces(seed, odds), Random(seed)
    payloads: list[Json] = []
    for _ in range(number):
        trace = in_ticks(made.trace(), clock) if clock else made.trace()
        chance, held = random.random(), trace["Segments"]
        if chance < 0.2:
            cut = random.randrange(len(held) + 1)
            payloads += [{**trace, "Segments": held[:cut]}, {**trace, "Segments": held[cut:]}]
        else:
            payloads += [trace] * (1 if chance < 0.9 else 2)
    for _ in range(number // 4):
        random.shuffle(payloads)
    return [Document(json.dumps(one).encode(), "traces", str(at)) for at, one in enumerate(payloads)]


def in_ticks(trace: Json, clock: float) -> Json:
    """The trace with all times as a clock tells them that ticks so seldom."""

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: round(round(one / clock) * clock, 6)
                if key in ("start_time", "end_time") and isinstance(one, float)
                else told(one)
                for key, one in value.items()
            }
        return [told(one) for one in value] if isinstance(value, list) else value

    held = [{**one, "Document": json.dumps(told(json.loads(one["Document"])))} for one in trace["Segments"]]
    return {**trace, "Segments": held}


def run(
    given: Sequence[Document], seed: int, limits: LimitSettings, *, lean: bool, stored: bool = False
) -> list[object]:
    """All that comes of documents, in pushes with advances and snapshots in between."""
    random, tally = Random(seed), Tally()
    made = Settings(limits=limits)

    def new() -> Assembling:
        parser = parser_for("auto", made, tally.counts)
        stage = Assembling(straight(parser) if lean else parser, made, tally)
        if stored:
            stage._assembler._traces = OpenTraces(Kept(), 20, 20)
        return stage

    stage, out, place = new(), list[object](), 0
    while place < len(given):
        size = random.randint(1, 6)
        out += map(whole, stage.push(given[place : place + size]))
        place += size
        if random.random() < 0.3:
            out += map(whole, stage.advance(stage.now - random.choice((0.0, 30.0))))
            out += [stage.low_watermark, stage.now]
        if random.random() < 0.2:
            state, stage = stage.snapshot(), new()
            stage.restore(state)
    out += map(whole, stage.advance(inf))
    return [*out, dict(tally.counts), dict(tally.losses), tally.kept]


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    odds=st.sampled_from([0.0, 0.01, 0.1]),
    most=st.sampled_from([1_000_000, 60]),
    chars=st.sampled_from([512, 12]),
    clock=st.sampled_from([0.0, 0.001, 0.1]),
    stored=st.booleans(),
)
def test_columns_give_the_flows_that_records_give(
    seed: int, odds: float, most: int, chars: int, clock: float, stored: bool
) -> None:
    limits = LimitSettings(max_open_events=most, max_name_chars=chars, lateness_s=20.0)
    given = documents(seed, odds, clock=clock)
    assert run(given, seed, limits, lean=True, stored=stored) == run(given, seed, limits, lean=False)


def held(trace: Json) -> WholeTrace:
    told = XRayParser(Settings()).straight(Document(json.dumps(trace).encode(), "test"))
    assert isinstance(told, WholeTrace)
    return told


def test_a_trace_of_one_document_becomes_lean_flows() -> None:
    assembler = FlowAssembler(Settings(), Tally())
    trace = TraceBuilder(4).trace("shop-prod-pay", "shop-prod-mail")
    assert assembler.push([held(as_answered(trace))]) == []
    flows = list(assembler.drain())
    assert [type(flow) for flow in flows] == [LeanFlow, LeanFlow]


def test_a_second_document_makes_records_of_it_with_all_ids_and_times() -> None:
    trace = as_answered(TraceBuilder(4).trace("shop-prod-pay", "shop-prod-mail"))
    for again in (lambda told: told, observations_of):
        assert of_twice(held(trace), again) == of_records(trace)


def of_twice(told: WholeTrace, again: Callable[[WholeTrace], object]) -> list[Flow]:
    assembler = FlowAssembler(Settings(), Tally())
    assembler.push([told, again(told)])  # type: ignore[list-item]
    flows = list(assembler.drain())
    assert all(isinstance(flow, Flow) for flow in flows)
    return [whole(flow) for flow in flows]


def of_records(trace: Json) -> list[Flow]:
    assembler = FlowAssembler(Settings(), Tally())
    assembler.push([XRayParser(Settings())(Document(json.dumps(trace).encode(), "test"))])
    return [whole(flow) for flow in assembler.drain()]


def test_shapes_that_look_alike_once_masked_are_one() -> None:
    assembler = FlowAssembler(Settings(), Tally())
    shapes = set()
    for number in range(5):
        trace = TraceBuilder(4).trace("shop-prod-pay")
        text = json.dumps(as_answered(trace)).replace("## handler", f"job {10**8 + number}")
        told = held(json.loads(text) | {"Id": f"1-{number}"})
        assembler.push([told])
    for flow in assembler.drain():
        assert isinstance(flow, LeanFlow)
        shapes.add(flow.columns.shape)
        assert any(step.name == "job *" for step in flow.columns.shape.steps)
    assert len(shapes) == 1


def test_what_is_held_counts_as_its_records_do() -> None:
    trace = held(as_answered(TraceBuilder(4).trace("shop-prod-pay", "shop-prod-mail")))
    lean, records = LeanTrace(trace), LeanTrace(trace).records()
    assert lean.events == records.events == sum(len(one.events) + 1 for one in records.drafts.values())
    assert lean.number_of_links == records.number_of_links > 10
    assert lean.earliest_and_latest() == records.earliest_and_latest()
