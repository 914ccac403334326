"""Limits that are set on other functions than those that are judged: five folds by application.

Of each fold the limit is the least at which the functions of the other four alarm as often as is asked, in
both directions of time; as in the product, those that would alarm at a score of 2 set none, up to half as
many. The detector learns the first half of all functions, and the fold's own are judged by that limit on the
second. Nothing of them but their own first half has a part in what they are judged by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from benchmarks.azure.attacks import ATTACKS
from benchmarks.azure.figures import rate, share
from benchmarks.azure.reading import Functions
from benchmarks.azure.trials import Learned, alarms, attacked, learn
from coldtrail.detectors.rates.levels import SURGE, Levels

FOLDS = 5
BUDGETS = (0.1, 0.06, 0.05, 0.045, 0.04, 0.035, 0.03, 0.025, 0.02, 0.015, 0.012, 0.008)
"""What is asked, each a limit of its own, the lowest limit first."""
_CERTAIN = 0.012
"""The one of them whose limit is 2 (`levels._CERTAIN`)."""


class Held(NamedTuple):
    """A fold: its functions, and the budget whose limit the others gave."""

    names: frozenset[str]
    budget: float


def folds(some: Functions, asked: float) -> list[Held]:
    """The folds with the budget that the other functions of each chose."""
    backwards = some._replace(counts=some.counts[:, ::-1].copy())
    told = {budget: [_alarming(learn(one, budget)) for one in (some, backwards)] for budget in BUDGETS}
    return [Held(names, _chosen(told, names, some, asked)) for names in _parts(some)]


def _parts(some: Functions) -> list[frozenset[str]]:
    """Names of the functions of each fold; those of an application are never apart."""
    of = {one: place % FOLDS for place, one in enumerate(sorted(set(some.applications)))}
    return [
        frozenset(
            name for name, whose in zip(some.names, some.applications, strict=True) if of[whose] == number
        )
        for number in range(FOLDS)
    ]


def _alarming(learned: Learned) -> list[str]:
    return [one.finding.subject.function_name for one in alarms(learned)]


def _chosen(
    told: dict[float, list[list[str]]], names: frozenset[str], some: Functions, asked: float
) -> float:
    """The largest budget at which the functions outside alarm no more often than is asked."""
    days = (len(some.names) - len(names)) * some.counts.shape[1] / 1_440  # a half in each direction

    def outside(budget: float) -> int:
        return sum(name not in names for one in told[budget] for name in one)

    free = min(outside(_CERTAIN), 0.5 * asked * days)
    fitting = (budget for budget in BUDGETS if outside(budget) - free <= asked * days)
    return next(fitting, BUDGETS[-1])


def rows(some: Functions, asked: float) -> Iterator[tuple[str, str]]:
    """What is reached on functions that had no part in their limit."""
    held = folds(some, asked)
    learned = {budget: learn(some, budget) for budget in sorted({one.budget for one in held})}
    found = sum(sum(name in one.names for name in _alarming(learned[one.budget])) for one in held)
    minutes = some.counts.shape[1] - some.counts.shape[1] // 2
    yield "limits of the folds", " ".join(f"{_limit(one.budget):.2f}" for one in held)
    yield f"alarms a function-day at {asked} asked", str(rate(found, len(some.names) * minutes / 1_440))
    for attack in ATTACKS:
        by_function: dict[str, list[bool]] = {}
        for budget, one in learned.items():
            mine = frozenset[str]().union(*(fold.names for fold in held if fold.budget == budget))
            for trial in attacked(one, attack):
                if trial.name in mine:
                    by_function.setdefault(trial.name, []).append(trial.delay is not None)
        yield attack.name, str(share(list(by_function.values())))


def _limit(budget: float) -> float:
    return float(Levels(budget).limits[SURGE, 0])
