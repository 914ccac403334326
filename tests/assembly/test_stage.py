"""The assembler as a stage: cuts, advances and snapshots change nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import accumulate, islice
from math import inf
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldtrail.assembly.assembler import FlowAssembler
from coldtrail.config import LimitSettings, Settings
from coldtrail.errors import BundleError
from coldtrail.formats.xray.parser import XRayParser
from coldtrail.records.flow import Flow
from coldtrail.records.stage import Stage
from coldtrail.records.tally import Tally
from coldtrail.records.telemetry import Document, Observations, Span
from coldtrail.sources.files import FileSource
from coldtrail.testing import START, make_event
from tests.assembly.test_assembler import cut
from tests.fixtures.telemetry import Json, traces

LATENESS_S = 60.0
RECORDED = Path(__file__).parents[2] / "lab/src/coldtrail_testbed/recorded/airline-benign.jsonl.gz"


def made(tally: Tally | None = None, **limits: int) -> FlowAssembler:
    return FlowAssembler(Settings(limits=LimitSettings(**limits)), tally or Tally())


def in_order(flows: Sequence[Flow]) -> list[Flow]:
    return sorted(flows, key=lambda flow: (flow.start_time, flow.function_flow_id))


def at_once(documents: Sequence[Json], tally: Tally) -> list[Flow]:
    """All of it pushed, then the end."""
    assembler = made(tally)
    assert assembler.push(parsed(documents)) == []
    return assembler.advance(inf)


def start_of(trace: Json) -> float:
    """The first time that the segments of a document speak of."""
    documents = [one["Document"] for one in trace["Segments"]]
    return min((json.loads(one) if isinstance(one, str) else one)["start_time"] for one in documents)


def stepwise(documents: Sequence[Json], random: Random, tally: Tally, late_s: float = 0.0) -> list[Flow]:
    """Pushed in random cuts, with random advances that respect the watermark and snapshots in between."""
    observations = parsed(documents)
    first = [*accumulate([start_of(one) for one in documents[::-1]], min, initial=inf)][::-1]
    assembler, flows, low = made(tally), [], -inf
    place = 0
    while place < len(observations):
        size = random.randint(1, 8)
        flows += assembler.push(observations[place : place + size])
        place = min(place + size, len(observations))
        if random.random() < 0.5 and first[place] < inf:
            closed = assembler.advance(first[place] + late_s - random.choice([0.0, 0.5, 30.0]))
            assert all(flow.start_time >= low for flow in closed)
            assert closed == in_order(closed)
            flows += closed
            low = assembler.low_watermark
        if random.random() < 0.2:
            state = assembler.snapshot()
            assembler = made(tally)
            assembler.restore(state)
            assert {name: array.tobytes() for name, array in assembler.snapshot().items()} == {
                name: array.tobytes() for name, array in state.items()
            }
    return in_order([*flows, *assembler.advance(inf)])


def parsed(documents: Sequence[Json]) -> list[Observations]:
    parser = XRayParser(Settings())
    return [parser(Document(json.dumps(one).encode(), "test")) for one in documents]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_cuts_advances_and_snapshots_change_nothing(seed: int) -> None:
    random = Random(seed)
    whole = list(traces(12, seed % 4))
    for number, trace in enumerate(whole):
        move(trace, 25.0 * number)
    documents = cut(whole, random)
    documents.sort(key=lambda trace: start_of(trace) + random.uniform(0.0, LATENESS_S))
    tally, other = Tally(), Tally()
    assert stepwise(documents, random, tally, LATENESS_S - 10.0) == at_once(documents, other)
    assert tally.counts == other.counts
    assert not tally.losses


def move(part: object, seconds: float) -> None:
    """Everything in the part so many seconds later."""
    for one in part if isinstance(part, list) else [part]:
        if isinstance(one, dict):
            for key, value in one.items():
                if key in ("start_time", "end_time"):
                    one[key] = value + seconds
                else:
                    move(value, seconds)


@pytest.mark.skipif(not RECORDED.is_file(), reason="the laboratory's recordings are absent")
@pytest.mark.parametrize("seed", range(3))
def test_recorded_telemetry_gives_the_same_flows_however_it_is_cut(seed: int) -> None:
    source = FileSource([RECORDED], limits=LimitSettings(), tally=Tally())
    documents = [json.loads(document.payload) for document, _ in islice(source.read(), 150)]
    documents.sort(key=start_of)
    flows = at_once(documents, Tally())
    assert len(flows) > 300
    assert stepwise(documents, Random(seed), Tally()) == flows


def flow_at(start: float, trace: str = "t", flow: str = "f") -> Observations:
    step = make_event(event_id=f"e{start}", start_time=start, end_time=start + 1)
    return Observations([Span(trace, flow, function_name="Order", steps=(step,), account="1")])


def test_a_trace_is_closed_when_it_has_been_quiet_for_long_enough() -> None:
    assembler = made()
    assembler.push([flow_at(START), flow_at(START + 30, "u")])
    assert assembler.advance(START + 60.9) == []
    assert assembler.low_watermark == START
    (flow,) = assembler.advance(START + 61)
    assert flow.application_flow_id == "t"
    assert assembler.low_watermark == START + 1
    assembler.advance(START + 90)
    assert assembler.low_watermark == START + 30
    assert [one.application_flow_id for one in assembler.advance(START + 91)] == ["u"]


def test_what_comes_for_a_trace_that_was_quiet_opens_it_anew_and_is_counted() -> None:
    tally = Tally()
    assembler = made(tally)
    assembler.push([flow_at(START)])
    assert len(assembler.advance(START + 100)) == 1
    other = made(tally)
    other.restore(assembler.snapshot())
    other.push([flow_at(START), flow_at(START + 5), flow_at(START + 6), flow_at(START, flow="other")])
    flows = other.advance(inf)
    assert [(flow.function_flow_id, len(flow.events)) for flow in flows] == [("f", 3), ("other", 1)]
    assert tally.counts["traces opened anew by late telemetry"] == 1
    assert tally.counts["flows assembled"] == 3
    assert tally.lost == 0


def test_flows_that_only_come_again_are_left_out() -> None:
    tally = Tally()
    assembler = made(tally)
    assembler.push([flow_at(START), flow_at(START + 1, flow="other")])
    assert len(assembler.advance(START + 100)) == 2
    for more in ([flow_at(START)], [flow_at(START + 1, flow="other"), flow_at(START, flow="third")]):
        state, assembler = assembler.snapshot(), made(tally)
        assembler.restore(state)
        assembler.push(more)
        new = [flow.function_flow_id for flow in assembler.advance(START + 100)]
    assert new == ["third"]
    assert tally.counts["flows that came again"] == 2
    assert tally.counts["traces opened anew by late telemetry"] == 1
    assert tally.counts["flows assembled"] == 3


def test_what_comes_for_a_trace_closed_early_stays_lost_after_a_restore() -> None:
    tally = Tally()
    assembler = made(tally, max_open_events=10)
    assembler.push([flow_at(START + n, f"t{n}", f"f{n}") for n in range(30)])
    other = made(tally, max_open_events=10)
    other.restore(assembler.snapshot())
    assert (other.open_events, other.open_links) == (assembler.open_events, assembler.open_links)
    other.push([flow_at(START, "t0", "f0")])
    assert tally.losses["late"] == 1


def test_a_trace_without_any_time_waits_for_the_end() -> None:
    assembler = made()
    assembler.push([Observations([Span("t", "f", function_name="Order")])])
    assert assembler.advance(START) == []
    assert len(assembler.advance(inf)) == 1


@pytest.mark.parametrize("name", ["traces", "closed_early", "closed_quiet", "watermark"])
def test_a_damaged_snapshot_is_refused(name: str) -> None:
    assembler = made()
    assembler.push([flow_at(START)])
    state = assembler.snapshot()
    for damaged in (state | {name: state[name][:-1]}, {k: v for k, v in state.items() if k != name}):
        with pytest.raises(BundleError, match="damaged"):
            made().restore(damaged)


def test_the_assembler_is_a_stage() -> None:
    stage: Stage[Observations, Flow] = made()
    assert stage.push([]) == []
