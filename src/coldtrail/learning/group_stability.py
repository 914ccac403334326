"""How stable the groups of a history are: those found by behaviour, and those by known attributes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.strata import HALF_LIFE_S
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.learning.behaviour_groups import (
    STABLE,
    UNKNOWN,
    Daily,
    Label,
    Stability,
    by_attributes,
    stability,
)

DAY_S = 86_400.0
MOST_FLOWS = 20_000
"""Looked at for each drawing of days: what costs as much as all groups must stay small."""
LEAST_FLOWS = 20
"""Of a function, if it has as many."""


class Measured(NamedTuple):
    """Figures of groupings; None or nothing where too few days are known."""

    behaviour: Stability | None
    """By the numbers of the groups."""
    attributes: Mapping[str, Stability]
    """By what the names of their figures end with."""

    @property
    def figures(self) -> dict[str, float]:
        """By names that a manifest keeps."""
        found: dict[str, float] = {}
        if self.behaviour is not None:
            found |= {
                "groups_days": float(self.behaviour.days),
                "groups_rand": self.behaviour.rand,
                "groups_kept": self.behaviour.kept,
            }
            for number, share in self.behaviour.groups.items():
                found[figure_of_group(number)] = share
        for by, measured in self.attributes.items():
            found["groups_rand" + by] = measured.rand
            found["groups_kept" + by] = measured.kept
        return found


def figure_of_group(number: object) -> str:
    """The name of the figure that says how stable a group is."""
    return f"group_{number}_stability"


def figures_by(by: Sequence[str]) -> str:
    """What the names of the figures of groups by attributes end with."""
    return "_by_" + "_".join(by)


def by_behaviour(flows: Encoded, usual: Ints, group: Callable[[Encoded], Ints]) -> Stability | None:
    """How stable the groups of functions (`usual`, by number, 0 for none) are; `group` groups flows anew."""
    days, day = _days(flows)
    kept = _thinned(flows.function)
    some, of, weight = flows.take(kept), day[kept], _standing_for(flows, kept)

    def grouping(drawn: Sequence[int]) -> list[Label]:
        times = np.bincount(np.array(drawn), minlength=days)[of]
        rows = np.flatnonzero(times)
        return _labels(group(some.take(rows).weighing(weight[rows] * times[rows])))

    return stability(grouping, days, usual=_labels(usual))


def shaky(measured: Stability | None, of: Ints) -> Ints:
    """The numbers of the groups of several functions that other days would not bring again."""
    shares = {} if measured is None else measured.groups
    found = [number for number in several(of) if shares.get(number, 1.0) < STABLE]
    return np.array(found, np.int64)


def several(of: Ints) -> list[int]:
    """The numbers of the groups that several functions are in."""
    return [number for number in np.flatnonzero(np.bincount(of) > 1).tolist() if number]


def by_known(
    flows: Encoded, vocabulary: Vocabulary, kind_of: Callable[[str], str | None]
) -> dict[str, Stability]:
    """How stable groups by known attributes are; `kind_of` tells the kind of a trigger."""
    days, day = _days(flows)
    functions = daily(flows, vocabulary, kind_of, days, day)
    return {figures_by(one.by): one.stability for one in by_attributes(functions, days)}


def daily(
    flows: Encoded, vocabulary: Vocabulary, kind_of: Callable[[str], str | None], days: int, day: Ints
) -> list[Daily]:
    """What each function did on each day."""
    latest = flows.start.max(initial=-np.inf)
    runs = flows.weight / np.exp2((flows.start - latest) / HALF_LIFE_S)
    kinds = [UNKNOWN, *(kind_of(word) or UNKNOWN for word in vocabulary.triggers.words)]
    key = (flows.function * len(kinds) + np.maximum(flows.trigger, 0)) * days + day
    found, place = np.unique(key, return_inverse=True)
    met: dict[int, dict[str, list[float]]] = defaultdict(dict)
    for one, number in zip(found.tolist(), np.bincount(place, runs).tolist(), strict=True):
        (function, trigger), on = divmod(one // days, len(kinds)), one % days
        met[function].setdefault(kinds[trigger], [0.0] * days)[on] += number
    return [Daily(vocabulary.functions[number], met[number]) for number in sorted(met) if number]


def _days(flows: Encoded) -> tuple[int, Ints]:
    """How many days there are flows of, and (flow,) the place of each flow's."""
    found, day = np.unique(np.floor(flows.start / DAY_S), return_inverse=True)
    return len(found), day


def _thinned(function: Ints) -> Ints:
    """The rows of some flows of each function, as many of each as fit, spread evenly over its time."""
    order = np.argsort(function, kind="stable")
    sizes = np.bincount(function)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)
    most = max(MOST_FLOWS // max(int((sizes > 0).sum()), 1), LEAST_FLOWS)
    number = np.repeat(sizes, sizes)
    rank = np.arange(len(order)) - first
    taken = np.minimum(most, number)
    new = (rank * taken) // number != ((rank - 1) * taken) // number
    return np.sort(order[new])


def _standing_for(flows: Encoded, kept: Ints) -> Floats:
    """(kept flow,) the weight that it has for itself and for those of its function that were left out."""
    size = int(flows.function.max(initial=0)) + 1
    of = flows.function[kept]
    whole = np.bincount(flows.function, flows.weight, size)
    part = np.bincount(of, flows.weight[kept], size)
    return np.asarray(flows.weight[kept] * (whole / np.maximum(part, 1e-300))[of])


def _labels(of: Ints) -> list[Label]:
    return [number or None for number in of[1:].tolist()]
