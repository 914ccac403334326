"""Faults: what they change is marked, all of it and nothing else."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

import pytest
from msgspec.structs import replace

from benchmarks.worlds.mesh.drawing import MeshDrawing
from benchmarks.worlds.mesh.faults import Fault
from benchmarks.worlds.mesh.planning import FAULT_S, PLANS, planned
from benchmarks.worlds.mesh.serving import MINUTE_S, Served, Serving, runs_in

MESH = MeshDrawing(21).mesh()
FAULTS = {fault.kind: fault for fault in planned(MESH, 0.0)}
KINDS = list(FAULTS)


def struck(fault: Fault) -> list[Served]:
    """The runs of the endpoints of a fault that begins after 30 s and lasts as long, and some time after."""
    moved = replace(fault, start=30.0, end=60.0)
    traces = Serving(MESH, "faulty", [moved]).between(0.0, 2 * MINUTE_S)
    runs = [run for trace in traces for run in runs_in(trace.root)]
    return [run for run in runs if f"{run.endpoint.service} {run.endpoint.route}" in moved.endpoints]


def marks(run: Served, fault: Fault) -> bool:
    return run.changed is not None and run.changed.kind == fault.kind


def seconds(run: Served) -> float:
    return run.end - run.start


def test_a_mesh_has_a_fault_of_each_kind_one_after_another() -> None:
    assert len(FAULTS) == len(PLANS)
    ends = [(fault.start, fault.end) for fault in FAULTS.values()]
    assert all(end - start == pytest.approx(FAULT_S) for start, end in ends)
    assert all(end < start for (_, end), (start, _) in pairwise(ends))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fault_changes_runs_that_start_while_it_lasts(kind: str) -> None:
    runs = struck(FAULTS[kind])
    assert any(marks(run, FAULTS[kind]) for run in runs)
    assert all(30.0 <= run.start < 60.0 for run in runs if run.changed is not None)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if FAULTS[kind].times != 1.0])
def test_runs_that_make_a_slow_call_are_marked(kind: str) -> None:
    fault = FAULTS[kind]
    for run in struck(fault):
        slow = any(call.kind.letter in fault.letters for call in run.calls)
        assert marks(run, fault) == (slow and 30.0 <= run.start < 60.0)


def test_half_of_the_runs_lose_a_step_and_are_marked() -> None:
    fault = FAULTS["step lost in half of the runs"]
    runs = [run for run in struck(fault) if not run.error and 30.0 <= run.start < 60.0]
    lack = [not any(call.kind.letter in fault.letters for call in run.calls) for run in runs]
    assert lack == [marks(run, fault) for run in runs]
    assert sum(lack) / len(lack) == pytest.approx(fault.lost, abs=0.2)


def test_runs_that_a_fault_fails_are_marked() -> None:
    fault = FAULTS["service fails"]
    runs = [run for run in struck(fault) if marks(run, fault)]
    assert runs
    assert all(run.error for run in runs)


def test_whole_runs_take_longer_without_a_slower_call() -> None:
    fault = FAULTS["whole runs moderately slower"]
    runs = struck(fault)
    during = [run for run in runs if marks(run, fault)]
    others = [run for run in runs if run.changed is None]
    assert median(map(seconds, during)) > 1.3 * median(map(seconds, others))
    assert all(30.0 <= run.start < 60.0 for run in during)


def test_a_run_that_calls_a_changed_one_is_marked_too() -> None:
    fault = replace(FAULTS["3 ms call takes 498 ms"], start=0.0, end=30.0)
    for trace in Serving(MESH, "above", [fault]).between(0.0, 30.0):
        for run in runs_in(trace.root):
            if any(call.answer is not None and call.answer.changed for call in run.calls):
                assert run.changed is fault
