"""Plays a mesh: minutes of history are learned, and what comes after is judged."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.quality.figures import Rate
from benchmarks.worlds.mesh.application import Mesh
from benchmarks.worlds.mesh.outcome import MeshOutcome, count_calm, count_faults
from benchmarks.worlds.mesh.planning import length_s, planned
from benchmarks.worlds.mesh.serving import MINUTE_S, Serving, Trace, runs_in
from benchmarks.worlds.mesh.spans import write
from benchmarks.worlds.product import Product
from benchmarks.worlds.world import START

HISTORY_S = 8 * MINUTE_S


def play_mesh(mesh: Mesh, product: Product, folder: Path) -> MeshOutcome:
    """The outcome of a mesh."""
    outcome = MeshOutcome(mesh.seed, len(mesh.services))
    begun = time.perf_counter()
    busy: Counter[str] = Counter()
    history = folder / "history.jsonl"
    outcome.learned = write(mesh, "h", _counted(Serving(mesh, "history"), busy), history).flows
    outcome.busiest = max(busy.values())
    product.train(history, folder / "bundle")
    history.unlink()
    outcome.seconds["learn"] = time.perf_counter() - begun
    begun = time.perf_counter()
    _judge(mesh, outcome, product, folder)
    outcome.seconds["judge"] = time.perf_counter() - begun
    return outcome


def _counted(serving: Serving, busy: Counter[str]) -> Iterator[Trace]:
    for trace in serving.between(START, START + HISTORY_S):
        busy.update(run.endpoint.service for run in runs_in(trace.root))
        yield trace


def _judge(mesh: Mesh, outcome: MeshOutcome, product: Product, folder: Path) -> None:
    faults = planned(mesh, START + HISTORY_S)
    start, end = START + HISTORY_S, START + HISTORY_S + length_s()
    path = folder / "judged.jsonl"
    written = write(mesh, "j", Serving(mesh, "judged", faults).between(start, end), path)
    told = product.score(folder / "bundle", path, "--only-anomalous")
    outcome.judged = written.flows
    count_faults(outcome, faults, written, told.alerts)
    count_calm(outcome, faults, (start, end), told.alerts)
    alarmed = sum(1 for flow in told.verdicts if flow not in written.changed)
    outcome.false = Rate(alarmed, written.flows - len(written.changed))
