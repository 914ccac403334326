"""The law of stages: any cut of the input, any order within lateness, any advance that respects the watermark
and any snapshot in between give the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from math import inf
from random import Random
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from coldtrail.alerts.grouping import Grouping
from coldtrail.assembly.assembling import Assembling
from coldtrail.assembly.join.joining import Joining
from coldtrail.assembly.join.steps import OWN_WORK
from coldtrail.assembly.windows import Windows
from coldtrail.bundle.model import Model
from coldtrail.config import Settings
from coldtrail.detectors.drift.absence import Absence
from coldtrail.detectors.drift.baselines import ShiftBaselines
from coldtrail.detectors.drift.change_points import ChangePoints
from coldtrail.detectors.drift.following import Following, Found
from coldtrail.detectors.drift.looking import Looking
from coldtrail.detectors.drift.ordering import InOrder
from coldtrail.detectors.drift.runs import Detection, Runs
from coldtrail.detectors.drift.runs import Judged as JudgedBatch
from coldtrail.features.encode import encode
from coldtrail.features.lean import whole as whole_flow
from coldtrail.formats.detect import parser_for
from coldtrail.pipeline import Judged, Judging, Pipeline
from coldtrail.records.alert import Alert
from coldtrail.records.flow import Flow
from coldtrail.records.shift import Shift
from coldtrail.records.stage import Stage
from coldtrail.records.tally import Tally
from coldtrail.records.witnesses import ApiCall, Report
from tests.contracts.streams import RUNS, Piece, Stream, flows_of, lived, recorded

LATENESS_S = Settings().limits.lateness_s
AnyStage = Stage[Any, Any]
Words = Callable[[Sequence[Any]], bytes]


class Item(NamedTuple):
    """What is pushed, when it begins and ends, and the trace that it is of."""

    start: float
    end: float
    trace: str
    thing: Any


class Case(NamedTuple):
    """A stage on its input, in the order of its start."""

    make: Callable[[], AnyStage]
    items: list[Item]
    words: Words
    """What counts of all that came out."""
    any_order: bool = True


def run(case: Case, seed: int, cuts: int) -> bytes:
    """What comes out of input that is mixed within lateness, cut, advanced and resumed in between."""
    random, stage, out = Random(seed), case.make(), list[Any]()
    items = list(case.items)
    if case.any_order:
        items.sort(key=lambda one: one.start + random.uniform(0, LATENESS_S))
    waits = _watermarks(items)
    ends = sorted({random.randrange(len(items)) for _ in range(cuts)} | {len(items)})
    for first, end in zip([0, *ends], ends, strict=False):
        out += stage.push([one.thing for one in items[first:end]])
        if random.random() < 0.6:
            out += stage.advance(waits[end])
        if random.random() < 0.4:
            state, stage = stage.snapshot(), case.make()
            stage.restore(state)
    out += stage.advance(inf)
    return case.words(out)


def _watermarks(items: Sequence[Item]) -> list[float]:
    """After so many items, a time that all that comes later respects.

    It does not begin before, nor is it of a trace that was quiet by then.
    """
    last: dict[str, float] = {}
    quiet = []
    for one in items:
        quiet.append(last.get(one.trace, inf) + LATENESS_S)
        last[one.trace] = max(last.get(one.trace, -inf), one.end)
    bounds = [min(one.start, until) for one, until in zip(items, quiet, strict=True)] + [inf]
    waits: list[float] = np.minimum.accumulate(np.array(bounds)[::-1])[::-1].tolist()
    return waits


def encoded(things: Sequence[Any]) -> bytes:
    """The bytes of things in whatever order they came, flows with their steps as records."""
    entire = [Judged(one.verdict, whole_flow(one.flow)) if isinstance(one, Judged) else one for one in things]
    return b"\n".join(sorted(map(msgspec.json.encode, entire)))


def last_words(things: Sequence[Any]) -> bytes:
    """The bytes of verdicts, and of the last word on each shift and alert."""
    told = {one.id: one for one in things if isinstance(one, Shift | Alert)}
    return encoded([*(one for one in things if isinstance(one, Judged)), *told.values()])


def of_pieces(stream: Stream, thing: Callable[[Piece], Any]) -> list[Item]:
    return [Item(one.start, one.end, one.trace, thing(one)) for one in stream.pieces]


def of_flows(flows: Sequence[Flow], things: Sequence[Any]) -> list[Item]:
    pairs = zip(flows, things, strict=True)
    return [Item(one.start_time, one.end_time, one.function_flow_id, thing) for one, thing in pairs]


@cache
def judged(stream: str) -> tuple[Model, list[Flow], list[JudgedBatch], list[Runs]]:
    """The model and the flows of a stream, each judged by itself, and as drift looks at it."""
    model, pieces = STREAMS[stream]()
    flows, batches, rows = flows_of(piece.document for piece in pieces), list[JudgedBatch](), list[Runs]()
    looking = Looking(baselines(model))
    all_ = encode(flows, model.vocabulary)
    verdicts = model.judge_encoded(flows, all_)
    for place, flow in enumerate(flows):
        one = all_.take(np.array([place]))
        batches.append(JudgedBatch(one, [flow], [verdicts[place]]))
        rows.append(looking.at(batches[-1]).runs.lying(np.array([place])))
    return model, flows, batches, rows


def baselines(model: Model) -> ShiftBaselines:
    assert model.shifts is not None
    return model.shifts


def assembling(stream: str) -> Case:
    def make() -> Assembling:
        tally = Tally()
        return Assembling(parser_for("auto", Settings(), tally.counts), Settings(), tally)

    return Case(make, of_pieces(STREAMS[stream](), lambda one: one.document), encoded)


def joining(stream: str) -> Case:
    """Every other run of a stream, with what a report and the audit log tell of each."""
    _, flows, _, _ = judged(stream)
    items = []
    for number, flow in enumerate(flows):
        told = replace(flow, request_id=flow.function_flow_id)
        things = [(flow.start_time, told)] if number % 2 else []
        things.append((flow.end_time, Report(flow.end_time, flow.function_flow_id, flow.function_name)))
        for event in flow.events:
            if event.event_type not in OWN_WORK:
                time = float(int(event.start_time))
                call = ApiCall(event.event_id, time, "1", "r", event.event_type, event.event_name)
                things.append(
                    (time, replace(call, credentials_of=f"arn:aws:lambda:r:1:function:{flow.function_name}"))
                )
        items += [Item(time, time, flow.function_flow_id, thing) for time, thing in things]
    items.sort(key=lambda one: one.start)
    return Case(lambda: Joining(Settings(), Tally(), expecting=True), items, encoded)


def windows(stream: str) -> Case:
    """How much runs in each minute, by the runs, and by the reports of every third of them."""
    _, flows, _, _ = judged(stream)
    items = of_flows(flows, flows)
    for flow in flows[::3]:
        report = Report(flow.end_time, flow.function_flow_id, flow.function_name, duration_s=0.1)
        items.append(Item(flow.end_time, flow.end_time, flow.function_flow_id, report))
    items.sort(key=lambda one: one.start)
    return Case(lambda: Windows(Settings()), items, encoded)


def ordering(stream: str) -> Case:
    _, flows, _, rows = judged(stream)
    return Case(InOrder, of_flows(flows, rows), lambda out: b"".join(one.place.tobytes() for one in out))


def drift(stream: str) -> Case:
    model, flows, _, rows = judged(stream)
    return Case(lambda: ChangePoints(baselines(model)), of_flows(flows, rows), msgspec.json.encode, False)


def absence(stream: str) -> Case:
    def words(out: Sequence[Detection]) -> bytes:
        return encoded(list({(one.function, one.effect.kind): one for one in out}.values()))

    model, flows, _, rows = judged(stream)
    return Case(
        lambda: Absence(baselines(model).absence_limits, model.vocabulary),
        of_flows(flows, rows),
        words,
        False,
    )


def following(stream: str) -> Case:
    def words(out: Sequence[Found]) -> bytes:
        return encoded(list({one.rank if one.has_stopped else one: one for one in out}.values()))

    model, flows, batches, _ = judged(stream)
    return Case(lambda: Following(baselines(model), model.vocabulary), of_flows(flows, batches), words)


def grouping(stream: str) -> Case:
    model, flows, batches, _ = judged(stream)
    pairs = [Judged(*one.verdicts, *one.flows) for one in batches]
    return Case(lambda: Grouping(model.versions, model.runs_an_hour), of_flows(flows, pairs), last_words)


def judging(stream: str) -> Case:
    model, flows, _, _ = judged(stream)
    return Case(lambda: Judging(model, Tally()), of_flows(flows, flows), last_words)


def pipeline(stream: str) -> Case:
    def make() -> Pipeline:
        tally = Tally()
        parser = parser_for("auto", Settings(), tally.counts)
        return Pipeline(model, parser, Settings(), tally)

    model, _ = STREAMS[stream]()
    return Case(make, of_pieces(STREAMS[stream](), lambda one: one.document), last_words)


STREAMS: dict[str, Callable[[], Stream]] = {
    **{name: partial(recorded, name) for name in RUNS},
    "lived": partial(lived, 3),
}
STAGES = (assembling, joining, windows, ordering, drift, absence, following, grouping, judging, pipeline)


@cache
def whole(make: Callable[[str], Case], stream: str) -> tuple[Case, bytes]:
    """A stage on its input, and what comes out when all of it is pushed at once."""
    case = make(stream)
    stage = case.make()
    out = [*stage.push([one.thing for one in case.items]), *stage.advance(inf)]
    return case, case.words(out)


@pytest.mark.parametrize("stream", STREAMS)
@pytest.mark.parametrize("make", STAGES, ids=lambda make: make.__name__)
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.integers(0, 9))
def test_cuts_orders_advances_and_snapshots_change_nothing(
    make: Callable[[str], Case], stream: str, seed: int, cuts: int
) -> None:
    case, expected = whole(make, stream)
    assert run(case, seed, cuts) == expected


@pytest.mark.parametrize("stream", STREAMS)
def test_there_is_something_to_tell_of_each_stream(stream: str) -> None:
    _, told = whole(pipeline, stream)
    for word in (b'"verdict":"anomalous"', b'"measure":"silence"', b'"severity":'):
        assert word in told


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 10_000), hours=st.floats(0.5, 4), cuts=st.integers(0, 6))
def test_the_line_keeps_the_law_on_invented_lives(seed: int, hours: float, cuts: int) -> None:
    model, pieces = lived(seed, hours)

    def make() -> Pipeline:
        tally = Tally()
        return Pipeline(model, parser_for("auto", Settings(), tally.counts), Settings(), tally)

    case = Case(make, of_pieces(Stream(model, pieces), lambda one: one.document), last_words)
    line = make()
    expected = [*line.push([piece.document for piece in pieces]), *line.advance(inf)]
    assert run(case, seed, cuts) == last_words(expected)


def test_a_line_resumed_after_its_end_has_nothing_more_to_tell() -> None:
    case, _ = whole(pipeline, "lived")
    line = case.make()
    line.push([one.thing for one in case.items])
    line.advance(inf)
    again = case.make()
    again.restore(line.snapshot())
    assert not any(isinstance(one, Judged | Alert) for one in again.advance(inf))
