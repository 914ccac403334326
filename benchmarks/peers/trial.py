"""One peer on one pair of runs, in a process of its own: `python -m benchmarks.peers.trial`."""

from __future__ import annotations

import argparse
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec
import numpy as np

from benchmarks.peers.registry import PEERS, Entry
from benchmarks.peers.results import Cost, Figures, Found, Trial
from benchmarks.peers.threshold import BUDGET, function_of, out_of_fold, threshold
from coldtrail.config import Settings
from coldtrail.features.batch import Bools, Floats
from coldtrail.learning.evaluate import Judged, Label, average_precision, evaluate_verdicts
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey
from coldtrail.verbs.reading import read_flows

ROUNDS = 3
"""Times that scoring is measured, where it is quick; the median counts."""
QUICK_S = 10.0

T = TypeVar("T")


def main() -> None:
    """Writes the trial of the peer that the command line names."""
    parser = argparse.ArgumentParser(description="One peer on one pair of recorded runs.")
    parser.add_argument("--peer", required=True)
    parser.add_argument("--app", required=True)
    parser.add_argument("--seed", type=int, required=True)
    for name in ("--learn", "--judge", "--labels", "--output"):
        parser.add_argument(name, type=Path, required=True)
    options = parser.parse_args()
    learned, judged = flows_of(options.learn), flows_of(options.judge)
    if learned[-1].start_time >= judged[0].start_time:
        raise SystemExit("The run to judge must begin after the run to learn from.")
    labels = labels_of(options.labels)
    trial = tried(PEERS[options.peer], learned, judged, labels)
    named = msgspec.structs.replace(trial, app=options.app, seed=options.seed, peer=options.peer)
    options.output.write_bytes(msgspec.json.format(msgspec.json.encode(named)))


def flows_of(traces: Path) -> list[Flow]:
    """The flows of a run in the order of their start."""
    flows, _ = read_flows([traces], Settings(), "auto")
    return sorted(flows, key=lambda flow: (flow.start_time, flow.function_flow_id))


def labels_of(path: Path) -> dict[str, Label]:
    """The attacked flows of a run by flow id."""
    decode = msgspec.json.Decoder(Label).decode
    labels = [decode(line) for line in path.read_bytes().splitlines() if line.strip()]
    return {label.function_flow_id: label for label in labels}


def tried(entry: Entry, learned: Sequence[Flow], judged: Sequence[Flow], labels: dict[str, Label]) -> Trial:
    """The trial of a peer, without the names of application, seed and peer."""
    base = peak_mib()
    whole = [flow for flow in learned if flow.complete]
    ready = ready_functions(whole)
    peer = entry.make()
    fit_s, _ = timed(lambda: peer.fit(whole))
    thresholds = {} if peer.threshold_ is None else {"own": peer.threshold_}
    threshold_s = 0.0
    if entry.folds:
        threshold_s, blind = timed(lambda: out_of_fold(entry.make, whole, entry.folds))
        thresholds["budget"] = threshold(blind[[function_of(flow) in ready for flow in whole]])
    score_s, scores = timed(lambda: peer.score(judged))
    if score_s < QUICK_S:
        score_s = float(np.median([timed(lambda: peer.score(judged))[0] for _ in range(ROUNDS)]))
    if not np.isfinite(scores).all():
        raise ValueError("A score is not finite.")
    judgeable = np.array([function_of(flow) in ready for flow in judged], np.bool_)
    scores = np.where(judgeable, scores, min(float(scores.min()), 0.0))
    malicious = np.array([flow.function_flow_id in labels for flow in judged], np.bool_)
    return Trial(
        "",
        0,
        "",
        len(whole),
        len(judged),
        int((~judgeable).sum()),
        int(malicious.sum()),
        average_precision(scores, malicious),
        hindsight(scores, malicious),
        {rule: figures(judged, scores, limit, labels) for rule, limit in thresholds.items()},
        Cost(fit_s, threshold_s, len(judged) / max(score_s, 1e-9), base, peak_mib()),
    )


def ready_functions(learned: Sequence[Flow]) -> set[FunctionKey]:
    """The functions with enough history to be judged: by Coldtrail's own rule, for all peers alike."""
    number = Counter(function_of(flow) for flow in learned)
    return {name for name, flows in number.items() if flows >= Settings().detection.ready_flows}


def figures(judged: Sequence[Flow], scores: Floats, limit: float, labels: dict[str, Label]) -> Figures:
    """The figures of the flows that score above a limit."""
    verdicts = [
        Judged(flow.function_flow_id, flow.function_name, "anomalous" if score > limit else "normal", score)
        for flow, score in zip(judged, scores.tolist(), strict=True)
    ]
    found = evaluate_verdicts(verdicts, labels)
    attacks = {attack: Found(result.flows, result.found) for attack, result in found.attacks.items()}
    return Figures(limit, found.precision, found.recall, found.fpr, found.fnr, attacks)


def hindsight(scores: Floats, malicious: Bools, budget: float = BUDGET) -> float | None:
    """The recall of the lowest threshold at which no more than the budget of the benign flows alarm."""
    if not malicious.any():
        return None
    benign = np.sort(scores[~malicious])[::-1]
    allowed = int(budget * len(benign))
    limit = benign[allowed] if allowed < len(benign) else -np.inf
    return float((scores[malicious] > limit).mean())


def timed(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds of one call, and what it gave."""
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def peak_mib() -> float:
    """The largest resident set of this process so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


if __name__ == "__main__":
    main()
