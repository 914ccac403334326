"""What each detector and each channel is good for: the figures without it."""

from __future__ import annotations

from msgspec import Struct

from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import outcome, settings_for, taught
from benchmarks.quality.measures.unpublished import why_not_in_one_flow
from benchmarks.quality.muted import channels, muted
from benchmarks.quality.reading import read
from benchmarks.quality.runs import Case

NEEDS = ("learn", "paper", "unpublished")


class Without(Struct, frozen=True):
    """The figures of what is left."""

    missing: str
    paper: Rate
    """The paper's attacked flows that alarmed."""
    unpublished: Rate
    """The same of the other attacks that one flow's trace shows."""
    false: Rate
    """Benign flows that alarmed, in both runs."""
    lost: dict[str, Rate]
    """By attack."""


class Ablation(Struct, frozen=True):
    """The figures of a case."""

    results: tuple[Without, ...]


def measure(case: Case) -> Ablation:
    """The figures of a case."""
    names = settings_for().detection.detectors
    rest = {"nothing": list(names)}
    rest |= {f"{one}, all of it": [name for name in names if name != one] for one in names}
    for one, channel in channels():
        rest[f"{one}: {channel}"] = [muted(one, channel) if name == one else name for name in names]
    return Ablation(tuple(without(case, missing, left) for missing, left in rest.items() if left))


def without(case: Case, missing: str, detectors: list[str] | tuple[str, ...]) -> Without:
    """The figures of some detectors."""
    model = taught(read(case.run("learn")).flows, detectors=detectors)
    paper, other = (read(case.run(kind)) for kind in ("paper", "unpublished"))
    first, second = (outcome(model, run.flows, run.labels) for run in (paper, other))
    shown = {name: rate for name, rate in second.attacks.items() if not why_not_in_one_flow(name, case.app)}
    found = Rate(sum(one.part for one in shown.values()), sum(one.whole for one in shown.values()))
    return Without(missing, first.found, found, first.false + second.false, {**first.attacks, **shown})
