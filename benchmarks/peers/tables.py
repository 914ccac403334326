"""Trials to Markdown: what was found, which attacks, and at what cost; means and spreads over seeds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence

from benchmarks.peers.registry import PEERS
from benchmarks.peers.results import Failure, Figures, Found, Trial

Outcome = Trial | Failure

RULES = {"own": "own", "budget": "budget"}
READING = """\
Threshold: `own` is the rule of the peer's publication (of Coldtrail's detectors: what `coldtrail
train` sets); `budget` is the same for all: the quantile of scores out of fold (five folds over the
whole learned run) that lets .003 of the benign flows pass. Recall in hindsight is that of the best
threshold at which no more than .003 of the benign flows judged alarm, which nobody can know
beforehand: it compares rankings. Mean and sample deviation over seeds; recall per attack over the
flows of all seeds. Seconds are the processor's, of one thread."""
NONE = "-"


def report(outcomes: Sequence[Outcome], apps: Sequence[str], peers: Sequence[str], heading: str) -> str:
    """The tables of all applications as Markdown, and what failed."""
    parts = [heading, READING]
    for app in apps:
        trials = [one for one in outcomes if isinstance(one, Trial) and one.app == app]
        failures = [one for one in outcomes if isinstance(one, Failure) and one.app == app]
        parts += [f"### {app}", size(trials), quality(trials, peers), attacks(trials, peers)]
        parts += [cost(trials, peers), *(missing(one) for one in failures)]
    return "\n\n".join(part for part in parts if part) + "\n"


def size(trials: Sequence[Trial]) -> str:
    """How much was learned and judged, in a sentence; empty without trials."""
    if not trials:
        return ""
    runs = {one.seed: one for one in trials}.values()
    learned, judged = sum(one.learned for one in runs), sum(one.judged for one in runs)
    return (
        f"Seeds: {len(runs)}; {learned:,} flows learned, {judged:,} judged, of which "
        f"{sum(one.malicious for one in runs):,} attacked and {sum(one.not_ready for one in runs):,} of "
        "functions with too little history, which no peer may alarm on."
    )


def quality(trials: Sequence[Trial], peers: Sequence[str]) -> str:
    """The table of what was found, one row a peer and threshold."""
    head = (
        "peer",
        "threshold",
        "precision",
        "recall",
        "FPR",
        "FNR",
        "PR-AUC",
        "recall in hindsight",
    )
    rows = []
    for peer, rule, same in ruled(trials, peers):
        figures = [one.rules[rule] for one in same]
        shares: list[Callable[[Figures], float | None]] = [
            lambda one: one.precision,
            lambda one: one.recall,
            lambda one: one.fpr,
            lambda one: one.fnr,
        ]
        cells = [
            spread((share(one) for one in figures), 4 if i == 2 else 3) for i, share in enumerate(shares)
        ]
        areas = [spread((one.pr_auc for one in same), 3), spread((one.hindsight for one in same), 3)]
        rows.append((PEERS[peer].title, RULES[rule], *cells, *areas))
    return markdown(head, rows)


def attacks(trials: Sequence[Trial], peers: Sequence[str]) -> str:
    """The table of recall per attack over the flows of all seeds."""
    kinds = sorted({attack for one in trials for found in one.rules.values() for attack in found.attacks})
    rows = []
    for peer, rule, same in ruled(trials, peers):
        cells = [pooled([one.rules[rule].attacks.get(attack) for one in same]) for attack in kinds]
        rows.append((PEERS[peer].title, RULES[rule], *cells))
    return markdown(("recall per attack", "threshold", *(kind.replace("_", " ") for kind in kinds)), rows)


def cost(trials: Sequence[Trial], peers: Sequence[str]) -> str:
    """The table of time and memory, one row a peer."""
    head = (
        "cost",
        "learning, s",
        "its threshold, s",
        "flows/s scored",
        "peak memory, MiB",
        "of which data, MiB",
    )
    rows = []
    for peer in peers:
        costs = [one.cost for one in trials if one.peer == peer]
        if costs:
            rows.append(
                (
                    PEERS[peer].title,
                    spread((one.fit_s for one in costs), 2),
                    spread((one.threshold_s for one in costs), 2) if PEERS[peer].folds else NONE,
                    spread((one.flows_per_s for one in costs), 0),
                    spread((one.peak_mib for one in costs), 0),
                    spread((one.base_mib for one in costs), 0),
                )
            )
    return markdown(head, rows)


def ruled(trials: Sequence[Trial], peers: Sequence[str]) -> list[tuple[str, str, list[Trial]]]:
    """Each peer with each of its thresholds, and the trials that have it."""
    rows = []
    for peer in peers:
        for rule in RULES:
            same = [one for one in trials if one.peer == peer and rule in one.rules]
            if same:
                rows.append((peer, rule, same))
    return rows


def spread(values: Iterable[float | None], digits: int) -> str:
    """The mean and the sample standard deviation of the values that are there; the mean alone of one."""
    known = [value for value in values if value is not None]
    if not known:
        return NONE
    mean = f"{statistics.mean(known):,.{digits}f}"
    return f"{mean} ± {statistics.stdev(known):,.{digits}f}" if len(known) > 1 else mean


def pooled(found: Sequence[Found | None]) -> str:
    """The share of the attack's flows that alarmed, over all seeds."""
    known = [one for one in found if one is not None]
    flows, alarmed = sum(one.flows for one in known), sum(one.alarmed for one in known)
    return f"{alarmed / flows:.3f} ({alarmed}/{flows})" if flows else NONE


def missing(failure: Failure) -> str:
    """What is missing from the tables, in a sentence."""
    return f"No figures of {PEERS[failure.peer].title} for seed {failure.seed}: {failure.reason}"


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; empty without rows."""
    if not rows:
        return ""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
