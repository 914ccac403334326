"""What a mesh writes is what the product reads: each run a flow, with its calls."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from benchmarks.worlds.mesh.drawing import MeshDrawing
from benchmarks.worlds.mesh.planning import planned
from benchmarks.worlds.mesh.serving import Served, Serving, runs_in
from benchmarks.worlds.mesh.spans import Written, write
from benchmarks.worlds.world import START
from coldtrail.config import Settings
from coldtrail.verbs.reading import read_flows

MESHES = [replace(MeshDrawing(seed).mesh(), lost=0.0) for seed in (21, 23, 26)]


def played(number: int, batched: bool, path: Path, faulty: bool = False) -> tuple[list[Served], Written]:
    """The runs of some seconds, and what was written of them."""
    mesh = replace(MESHES[number], batched=batched)
    faults = (
        [replace(one, start=START, end=START + 9.0) for one in planned(mesh, START)[:1]] if faulty else []
    )
    traces = list(Serving(mesh, "some", faults).between(START, START + 9.0))
    return [run for trace in traces for run in runs_in(trace.root)], write(mesh, "some", traces, path)


def rounded(service: str, start: float, calls: int, error: bool) -> tuple[str, int, int, bool]:
    """With the time in microseconds, as it is written."""
    return service, round(start * 1e6), calls, error


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("number", range(len(MESHES)))
def test_each_run_is_a_flow_with_its_calls(number: int, batched: bool, tmp_path: Path) -> None:
    runs, written = played(number, batched, tmp_path / "some.jsonl")
    flows = list(read_flows(tmp_path / "some.jsonl", Settings(), "auto").flows)
    assert len(flows) == written.flows
    told = [rounded(one.function_name, one.start_time, len(one.events), one.error) for one in flows]
    made = [rounded(one.endpoint.service, one.start, len(one.calls), one.error) for one in runs]
    assert sorted(told) == sorted(made)
    assert {flow.application_name for flow in flows} == {MESHES[number].name}


def test_changed_runs_are_told_by_the_ids_of_their_flows(tmp_path: Path) -> None:
    runs, written = played(0, False, tmp_path / "some.jsonl", faulty=True)
    read = read_flows(tmp_path / "some.jsonl", Settings(), "auto").flows
    flows = {one.function_flow_id: one for one in read}
    assert written.changed
    assert len(written.changed) == sum(run.changed is not None for run in runs)
    for flow, (service, _) in written.changed.items():
        assert flows[flow].function_name == service
    events = {event.event_id for flow in flows.values() for event in flow.events}
    calls = [call for run in runs for call in run.calls]
    assert len(written.slowed) == sum(call.slowed is not None for call in calls)
    assert set(written.slowed) <= events


def test_spans_of_sampled_traces_say_what_share_was_sampled(tmp_path: Path) -> None:
    mesh = replace(MESHES[0], sampled=0.25)
    write(mesh, "some", Serving(mesh, "some").between(START, START + 1.0), tmp_path / "some.jsonl")
    first = json.loads((tmp_path / "some.jsonl").read_text().splitlines()[0])
    assert first["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceState"] == "ot=th:c"
