"""One measurement of whichever Coldtrail can be imported: `python benchmarks/at_work.py WORK INPUT BUNDLE`.

It prints processor seconds, and how many flows they were for. `benchmarks.in_turn` runs it on two checkouts
in turn, so that it names nothing that either lacks.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from coldtrail import score, train
from coldtrail.bundle.folder import load
from coldtrail.bundle.model import channel_scores
from coldtrail.features.encode import encode
from coldtrail.verbs.reading import read_flows

ONE_BY_ONE = 2_000
"""Flows judged alone."""
TIMES = 5
"""So often what takes a moment only is done, of which the quickest counts."""
Measured = tuple[float, int]


def main() -> int:
    """The exit status."""
    work, telemetry, bundle = sys.argv[1:4]
    spent, flows = WORKS[work](Path(telemetry), Path(bundle))
    print(json.dumps([spent, flows]))
    return 0


def learning(telemetry: Path, bundle: Path) -> Measured:
    """Of making a bundle."""
    return _spent(lambda: train([telemetry], bundle, workers=1)), 0


def scoring(telemetry: Path, bundle: Path) -> Measured:
    """Of telemetry to verdicts."""
    output = bundle.with_suffix(".jsonl")
    spent = _spent(lambda: score(bundle, [telemetry], output, workers=1))
    return spent, output.read_bytes().count(b"\n")


def encoded(telemetry: Path, bundle: Path) -> Measured:
    """Of encoded arrays to surprises."""
    model, _ = load(bundle)
    flows = list(read_flows([telemetry], model.settings, "auto")[0])
    rounds = []
    for _ in range(TIMES):
        arrays = encode(flows, model.vocabulary)
        rounds.append(_spent(lambda e=arrays: model.calibration.bans(e, channel_scores(model.detectors, e))))
    return min(rounds), len(flows)


def alone(telemetry: Path, bundle: Path) -> Measured:
    """Of flows that are judged one by one: the median, times their number."""
    model, _ = load(bundle)
    flows = list(read_flows([telemetry], model.settings, "auto")[0])[:ONE_BY_ONE]
    spent = sorted(_spent(lambda one=flow: model.judge([one])) for flow in flows)
    return spent[len(spent) // 2] * len(flows), len(flows)


def _spent(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


WORKS: dict[str, Callable[[Path, Path], Measured]] = {
    "learning": learning,
    "scoring": scoring,
    "encoded": encoded,
    "alone": alone,
}


if __name__ == "__main__":
    raise SystemExit(main())
