"""Small made-up recordings, in the form of the testbed's."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from benchmarks.quality.runs import Case
from benchmarks.recorded import Run
from tests.fixtures.telemetry import as_answered, traces

SEEDS = (3, 4)
VISITS = 10
FLOWS = 400


def case(folder: Path, seed: int = SEEDS[0]) -> Case:
    """A case whose runs lie in the folder."""
    return Case(folder, "airline", seed, SEEDS, VISITS, VISITS)


def write_run(run: Run, seed: int, attacked: int = 0) -> None:
    """Nothing; the run lies where it belongs, with some of its flows labelled."""
    run.folder.mkdir(parents=True)
    flows: list[str] = []
    with gzip.open(run.traces, "wt") as file:
        for trace in traces(FLOWS // 2, seed=seed):
            flows += [one["Id"] for one in trace["Segments"] if is_function(one)]
            file.write(json.dumps(as_answered(trace)) + "\n")
    labels = [{"function_flow_id": flow, "attack": "mining", "event_ids": []} for flow in flows[:attacked]]
    run.labels.write_text("".join(json.dumps(label) + "\n" for label in labels))
    run.summary.write_text(json.dumps({"settings": {"iterations": run.visits}}))


def is_function(segment: dict[str, object]) -> bool:
    """Whether a segment is the function's own."""
    document = segment["Document"]
    return isinstance(document, dict) and document.get("origin") == "AWS::Lambda::Function"
