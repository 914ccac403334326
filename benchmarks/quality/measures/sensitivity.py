"""How much history, and which budget: what is found, and what cries wolf."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from benchmarks.quality.days import days_before
from benchmarks.quality.figures import Rate
from benchmarks.quality.judging import outcome, settings_for
from benchmarks.quality.reading import read
from benchmarks.quality.runs import Case
from coldtrail.errors import ConfigError
from coldtrail.learning.train import learn
from coldtrail.records.flow import Flow

NEEDS = ("learn", "paper")
FLOWS = (100, 300, 1_000, 3_000, 10_000)
BUDGETS = (0.0005, 0.001, 0.003, 0.01)


class Point(Struct, frozen=True):
    """One size of history and one budget."""

    flows: int
    budget: float
    found: Rate
    false: Rate
    not_ready: Rate
    remark: str
    """What training said of a budget that the history cannot support."""
    refused: bool


class Sensitivity(Struct, frozen=True):
    """The points of a case."""

    points: tuple[Point, ...]


def measure(case: Case) -> Sensitivity:
    """The figures of a case; sizes beyond what there is are left out."""
    history = days_before(case)
    sizes = [size for size in FLOWS if size <= len(history)]
    return Sensitivity(tuple(point(case, history[-n:], n, budget) for n in sizes for budget in BUDGETS))


def point(case: Case, history: Sequence[Flow], flows: int, budget: float) -> Point:
    """The figures of one size and budget."""
    try:
        training = learn(history, settings_for(budget))
    except ConfigError as error:
        return Point(flows, budget, Rate(), Rate(), Rate(), str(error), True)
    judged = read(case.run("paper"))
    found = outcome(training.model, judged.flows, judged.labels)
    remark = next((one for one in training.warnings if "budget" in one), "")
    unready = Rate(found.not_ready, len(judged.flows))
    return Point(flows, budget, found.found, found.false, unready, remark, False)
