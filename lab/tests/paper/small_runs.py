"""Runs small enough for tests, and a model that needs no network: what is unknown or slow is wrong."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from random import Random

import numpy as np

from coldtrail.detectors.detector import Tell, silent
from coldtrail.features.batch import Encoded, Ints
from coldtrail_paper.network import Setup
from coldtrail_paper.outcome import Errors
from coldtrail_paper.plan import FUNCTIONS, Plan, RunPlan, plan
from coldtrail_paper.runs import LABELS, RUN, TRACES
from tests.fixtures.telemetry import TraceBuilder, payload_of

SMALL = plan(visits={"airline": 12, "vod": 20})
STRUCK = {
    "airline": {"ReserveBooking": "other_action", "ConfirmBooking": "data_leakage"},
    "vod": {"dynamo": "repeated_operation", "profiler": "extra_action"},
}


def write_runs(folder: Path, planned: Plan = SMALL) -> Path:
    """The folder, with a small run of each kind that is planned."""
    for each in planned.runs:
        write_run(folder / each.name, each)
    return folder


def write_run(folder: Path, planned: RunPlan) -> None:
    """A run: each visit runs all prominent functions, and one that is not; attacked ones sleep a minute."""
    folder.mkdir(parents=True)
    builder, random = TraceBuilder(planned.seed), Random(planned.seed)
    labels = []
    with gzip.open(folder / TRACES, "wb") as traces:
        for _ in range(planned.visits):
            trace = builder.trace(*FUNCTIONS[planned.application], "Unseen")
            for part in trace["Segments"]:
                own = part["Document"]
                attack = STRUCK[planned.application].get(own["name"])
                if own.get("origin") != "AWS::Lambda::Function" or attack is None or planned.part == "train":
                    continue
                if random.random() < 0.3:
                    own["end_time"] += 60.0
                    own["subsegments"][1]["end_time"] += 60.0
                    labels.append({"function_flow_id": own["id"], "attack": attack, "event_ids": []})
            traces.write(payload_of(trace) + b"\n")
    (folder / LABELS).write_text("".join(json.dumps(label) + "\n" for label in labels), encoding="utf-8")
    (folder / RUN).write_text(json.dumps(run_facts(planned)), encoding="utf-8")


def run_facts(planned: RunPlan) -> dict[str, object]:
    """What run.json says."""
    attacks = ["data_leakage"] if planned.part == "test" else []
    return {
        "application": planned.application,
        "seed": planned.seed,
        "settings": {"attacks": attacks, "attack_share": 0.1},
        "versions": {"moto": "5.2.5"},
        "counts": {"iterations": planned.visits},
        "first_time": 1000.0,
        "last_time": 8200.0,
        "interrupted": False,
    }


class StandIn:
    """A model whose errors are the longest duration of a window, set against the longest learned."""

    trained = 0

    def __init__(self, setup: Setup, flows: Encoded, tell: Tell = silent) -> None:
        StandIn.trained += 1
        tell("epoch 1 of 1")
        self._windows = setup.recipe.windows
        cut = int(len(flows) * 0.8)
        self._rows = np.arange(cut, len(flows))
        self._kept = flows.take(self._rows)
        self._limit = 2 * self._highest(flows)

    def update(self, new: Encoded, share: float) -> None:
        self._limit = max(self._limit, 2 * self._highest(new))

    def errors(self, flows: Encoded) -> Mapping[int, Errors]:
        return {size: self._errors(flows, size) for size in self._windows}

    def validation(self) -> tuple[Mapping[int, Errors], Ints]:
        return self.errors(self._kept), self._rows

    def losses(self) -> Mapping[int, list[float]]:
        return {size: [0.4, 0.2, 0.19] for size in self._windows}

    def warnings(self) -> list[str]:
        return ["Made of no network at all."]

    @staticmethod
    def _highest(flows: Encoded) -> float:
        return float(flows.wording.duration.max())

    def _errors(self, flows: Encoded, size: int) -> Errors:
        words = flows.wording
        error, flow = [], []
        for place in range(len(flows)):
            steps = words.duration[words.offsets[place] : words.offsets[place + 1]]
            for first in range(max(len(steps) - size + 1, 1)):
                error.append(float(steps[first : first + size].max()))
                flow.append(place)
        return Errors(np.array(error), np.array(flow), np.full(len(error), self._limit))
