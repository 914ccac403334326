"""Traces that were sampled, and segments that were lost: how often do benign flows alarm?"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import orjson
from msgspec import Struct

from benchmarks.quality.days import days_before
from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import Outcome, outcome, taught
from benchmarks.quality.reading import flows_of, read
from benchmarks.quality.runs import Case
from benchmarks.recorded import Run
from coldtrail.records.flow import Flow

NEEDS = ("learn", "paper")
SAMPLED = (0.05, 0.2, 0.5)
LOST = (0.01, 0.05)

Trace = dict[str, Any]
Lose = Callable[[Trace, float, Random], Trace]


class Gap(Struct, frozen=True):
    """What one kind of gap gave."""

    kind: str
    share: float
    learned: int
    found: Rate
    false: Rate
    not_ready: Rate


class Gaps(Struct, frozen=True):
    """All kinds of a case."""

    results: tuple[Gap, ...]


def measure(case: Case) -> Gaps:
    """The figures of a case."""
    results = [sampled(case, share) for share in (*SAMPLED, 1.0)]
    for share in LOST:
        for name, lose in LOSSES.items():
            results += lossy(case, name, lose, share)
    return Gaps(tuple(results))


def sampled(case: Case, share: float) -> Gap:
    """Learned from a sample of the traces of several days; judged are all, which sampling leaves whole."""
    history = days_before(case)
    random = Random(f"{case.seed} sampled {share}")
    traces = dict.fromkeys(flow.application_flow_id for flow in history)
    kept = {trace for trace in traces if random.random() < share}
    learned = [flow for flow in history if flow.application_flow_id in kept]
    judged = read(case.run("paper"))
    return gap("traces sampled", share, learned, outcome(taught(learned), judged.flows, judged.labels))


def gap(kind: str, share: float, learned: Sequence[Flow], found: Outcome) -> Gap:
    """The figures of an outcome."""
    judged = found.found.whole + found.false.whole
    return Gap(kind, share, len(learned), found.found, found.false, Rate(found.not_ready, judged))


def lossy(case: Case, name: str, lose: Lose, share: float) -> Iterator[Gap]:
    """Learned whole and judged with losses, then learned with losses too."""
    whole, labels = read(case.run("learn")).flows, read(case.run("paper")).labels
    judged = with_losses(case.run("paper"), lose, share)
    yield gap(f"{name}, in what is judged", share, whole, outcome(taught(whole), judged, labels))
    learned = with_losses(case.run("learn"), lose, share)
    yield gap(f"{name}, in both", share, learned, outcome(taught(learned), judged, labels))


def with_losses(run: Run, lose: Lose, share: float) -> list[Flow]:
    """The flows of a run whose traces lost a share of their parts."""
    random = Random(f"{run.seed} {share}")
    with tempfile.TemporaryDirectory(prefix="coldtrail-quality-") as folder:
        path = Path(folder) / "traces.jsonl"
        with gzip.open(run.traces) as source, path.open("wb") as target:
            for line in source:
                target.write(orjson.dumps(lose(orjson.loads(line), share, random)) + b"\n")
        return flows_of(path)


def lose_segments(trace: Trace, share: float, random: Random) -> Trace:
    """The trace without some of its segments."""
    kept = [segment for segment in trace["Segments"] if random.random() >= share]
    return {**trace, "Segments": kept}


def lose_subsegments(trace: Trace, share: float, random: Random) -> Trace:
    """The trace without some of the calls that its functions made."""
    segments = []
    for segment in trace["Segments"]:
        document = orjson.loads(segment["Document"])
        if document.get("origin") == "AWS::Lambda::Function":
            _thin(document, share, random, depth=0)
        segments.append({**segment, "Document": orjson.dumps(document).decode()})
    return {**trace, "Segments": segments}


def _thin(document: dict[str, Any], share: float, random: Random, depth: int) -> None:
    """The function's own phases stay, as they come with the segment."""
    kept = [one for one in document.get("subsegments", []) if depth == 0 or random.random() >= share]
    if "subsegments" in document:
        document["subsegments"] = kept
    for one in kept:
        _thin(one, share, random, depth + 1)


LOSSES: dict[str, Lose] = {"segments lost": lose_segments, "calls lost": lose_subsegments}
