"""The table of a public data set: precision, recall and F1 with their intervals, beside published figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.peers.public.judging import Outcome
from benchmarks.peers.public.split import Split
from benchmarks.peers.tables import NONE, markdown
from benchmarks.quality.figures import Rate, told


class Published(NamedTuple):
    """Figures as their authors give them."""

    method: str
    precision: str
    recall: str
    f1: str


PUBLISHED = {
    "hdfs": (
        Published("DeepLog (Du et al. 2017)", ".95", ".96", ".96"),
        Published("LogAnomaly (Meng et al. 2019)", ".96", ".94", ".95"),
        Published(
            "count vectors (Landauer et al. 2022), threshold chosen on the labels", ".978", ".999", ".989"
        ),
    ),
    "trainticket": (Published("TraceAnomaly (Liu et al. 2020)", "above .97", "above .97", NONE),),
}
TITLES = {"hdfs": "HDFS, DeepLog's split", "trainticket": "TrainTicket, TraceAnomaly's split"}
READING = """\
Published figures are their authors', LogAnomaly's on a split of its own; none was measured here. The
smallest budget held is three false alarms in what was learned, the least that `coldtrail train --budget`
accepts: no label has a part in it. Intervals are of 95 % (Wilson 1927); that of F1 is by Jaccard's index,
of which it is a function."""


def report(name: str, split: Split, outcomes: Sequence[Outcome]) -> str:
    """The section of a data set as Markdown."""
    size = (
        f"{len(split.train):,} sessions learned, {split.normal.total():,} normal and "
        f"{split.abnormal.total():,} abnormal ones judged."
    )
    rows = [
        (one.rule, told(one.precision), told(one.recall), f1(one.agreement), told(one.false_alarms, 5))
        for one in outcomes
    ]
    rows += [(*one, NONE) for one in PUBLISHED[name]]
    table = markdown(("rule", "precision", "recall", "F1", "false-alarm rate"), rows)
    return "\n\n".join((f"### {TITLES[name]}", size, table)) + "\n"


def f1(agreement: Rate) -> str:
    """The harmonic mean of precision and recall with its interval, from Jaccard's index."""
    if agreement.share is None:
        return NONE
    value, low, high = (2.0 * part / (1.0 + part) for part in (agreement.share, *agreement.interval()))
    return f"{value:.3f} ({low:.3f} to {high:.3f})"
