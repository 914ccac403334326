"""Meshes: a seed gives the same one, all its services are used, and its traces are nested rightly."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from benchmarks.worlds.grammars import kinds_in
from benchmarks.worlds.mesh.application import FLOWS_A_MINUTE, Mesh
from benchmarks.worlds.mesh.drawing import FAST_S, FEWEST, MOST, SLOW_S, MeshDrawing
from benchmarks.worlds.mesh.serving import MINUTE_S, Served, Serving, flows_in, runs_in

SEEDS = range(20, 32)
MESHES = [MeshDrawing(seed).mesh() for seed in SEEDS]


def called(mesh: Mesh) -> set[str]:
    """All endpoints that people or endpoints call."""
    waiting, met = list(mesh.entries), set(mesh.entries)
    while waiting:
        for kind in kinds_in(mesh.endpoints[waiting.pop()].grammar):
            if kind.starts is not None and kind.starts not in met:
                met.add(kind.starts)
                waiting.append(kind.starts)
    return met


def test_a_seed_gives_the_same_mesh_and_another_seed_another() -> None:
    assert MeshDrawing(7).mesh() == MeshDrawing(7).mesh()
    assert MeshDrawing(7).mesh() != MeshDrawing(8).mesh()


def test_meshes_have_ten_to_forty_services_and_all_are_called() -> None:
    for mesh in MESHES:
        assert FEWEST <= len(mesh.services) <= MOST
        assert called(mesh) == set(mesh.endpoints)


@pytest.mark.parametrize("mesh", MESHES)
def test_about_five_thousand_flows_come_a_minute(mesh: Mesh) -> None:
    steady = replace(mesh, burst_share=0.0001)
    flows = sum(map(flows_in, Serving(steady, "one").between(0.0, MINUTE_S)))
    assert flows == pytest.approx(FLOWS_A_MINUTE, rel=0.25)


def test_each_mesh_has_calls_of_three_and_of_two_hundred_milliseconds() -> None:
    for mesh in MESHES:
        kinds = [kind for one in mesh.endpoints.values() for kind in kinds_in(one.grammar)]
        assert any(FAST_S[0] <= kind.latency.median <= FAST_S[1] for kind in kinds)
        usual = (
            sum(kind.latency.median for kind in kinds_in(one.grammar) if kind.starts is None)
            for one in mesh.endpoints.values()
        )
        assert any(SLOW_S[0] <= seconds <= 2 * SLOW_S[1] for seconds in usual)


def test_calls_lie_in_their_runs_and_answers_in_their_calls() -> None:
    for mesh in MESHES[:4]:
        for trace in Serving(mesh, "some").between(0.0, 5.0):
            assert all(map(is_nested, runs_in(trace.root)))


def is_nested(run: Served) -> bool:
    """Whether the calls of a run lie in it, in order, and what answers them in these."""
    starts = [call.start for call in run.calls]
    within = all(run.start <= call.start <= call.end <= run.end for call in run.calls)
    answers = [(call, call.answer) for call in run.calls if call.answer is not None]
    inside = all(call.start <= one.start <= one.end <= call.end for call, one in answers)
    return starts == sorted(starts) and within and inside


def test_traces_come_in_bursts_that_overlap() -> None:
    mesh = max(MESHES, key=lambda one: one.burst_share)
    traces = list(Serving(mesh, "bursts").between(0.0, 2 * MINUTE_S))
    most = max(sum(0.0 <= two.start - one.start < 1.0 for two in traces) for one in traces)
    assert most > 4 * mesh.traces_a_minute / MINUTE_S
