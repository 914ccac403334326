"""Groups of functions, and whether they would be the same on other days: only what is stable lends history.

Days are drawn with replacement, as many as there are, and the functions grouped anew by these days alone. Two
groupings are compared by the adjusted Rand index (Hubert and Arabie 1985), each group by the Jaccard index
with the group that is most like it (Hennig 2007, "Cluster-wise assessment of cluster stability": from .75 on
a group is stable).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from math import comb, floor, log10
from typing import Literal, NamedTuple

import numpy as np

from coldtrail.features.batch import Floats
from coldtrail.records.identity import FunctionKey

Label = Hashable | None
"""Of a group; None for a function that is in none, as one that did not run."""
Grouping = Callable[[Sequence[int]], Sequence[Label]]
"""(function,) the group of each by days alone, some of which may come several times."""
RESAMPLES = 10
LEAST_DAYS = 4
"""Fewer tell nothing of other days."""
STABLE = 0.75
"""Of a group's Jaccard index and of the adjusted Rand index, the least that is stable."""
KEPT = 0.5
"""A function keeps its group where that group and the one that it is in now share as much, by Jaccard's
index."""
Attribute = Literal["trigger", "traffic", "application", "runtime", "memory"]
BY: tuple[tuple[Attribute, ...], ...] = (
    ("trigger",),
    ("trigger", "traffic"),
    ("application",),
    ("trigger", "runtime", "memory"),
)
"""The known attributes by which functions are grouped, each set apart."""
UNKNOWN = "unknown"


class Daily(NamedTuple):
    """What is known of a function, day by day."""

    key: FunctionKey
    runs: Mapping[str, Sequence[float]]
    """(trigger kind) (day,) how many runs each kind of trigger started."""
    runtime: str | None = None
    memory_mb: float | None = None


class Stability(NamedTuple):
    """How much of a grouping other days would bring again; each figure from 0 to 1."""

    rand: float
    """Mean adjusted Rand index; 1 where the groups are always the same, about 0 where they are chance."""
    kept: float
    """Mean share of the functions that keep their group."""
    groups: Mapping[Hashable, float]
    """The mean Jaccard index of each group."""
    days: int

    @property
    def is_stable(self) -> bool:
        """Whether the grouping as a whole would come again."""
        return self.rand >= STABLE and self.kept >= STABLE


class Grouped(NamedTuple):
    """Functions by known attributes."""

    by: tuple[Attribute, ...]
    groups: Mapping[tuple[str, ...], tuple[FunctionKey, ...]]
    """The values of the attributes, and the functions that share them."""
    stability: Stability


def by_attributes(functions: Sequence[Daily], days: int, seed: int = 0) -> list[Grouped]:
    """The functions by each set of attributes that is known of them, the most stable first; none where there
    are too few days to tell."""
    found = []
    for by in told_attributes(functions):
        measured = stability(_Known(functions, by, days), days, seed)
        if measured is not None:
            found.append(Grouped(by, members_by(functions, by, days), measured))
    return sorted(found, key=lambda one: (-one.stability.rand, one.by))


def told_attributes(functions: Sequence[Daily]) -> list[tuple[Attribute, ...]]:
    """The sets of attributes of which each is known of some function."""
    told = {
        "trigger": any(kind != UNKNOWN for one in functions for kind in one.runs),
        "traffic": bool(functions),
        "application": len({one.key.application_key for one in functions}) > 1,
        "runtime": any(one.runtime for one in functions),
        "memory": any(one.memory_mb for one in functions),
    }
    return [by for by in BY if all(told[attribute] for attribute in by)]


def members_by(
    functions: Sequence[Daily], by: Sequence[Attribute], days: int
) -> dict[tuple[str, ...], tuple[FunctionKey, ...]]:
    """The functions that share the values of the attributes, by these values."""
    groups: dict[tuple[str, ...], list[FunctionKey]] = defaultdict(list)
    for one, values in zip(functions, _Known(functions, by, days)(range(days)), strict=True):
        if values is not None:
            groups[values].append(one.key)
    return {values: tuple(groups[values]) for values in sorted(groups)}


def stability(
    grouping: Grouping,
    days: int,
    seed: int = 0,
    resamples: int = RESAMPLES,
    usual: Sequence[Label] | None = None,
) -> Stability | None:
    """How stable a grouping is; None where too few days are known, or nothing is grouped.

    `usual` are the groups by all days, where these are known already.
    """
    if days < LEAST_DAYS:
        return None
    usual = grouping(range(days)) if usual is None else usual
    if all(label is None for label in usual):
        return None
    random = np.random.default_rng(seed)
    rands, kept, alike = [], [], defaultdict[Hashable, list[float]](list)
    for _ in range(resamples):
        drawn = grouping(random.integers(days, size=days).tolist())
        both = [place for place, label in enumerate(usual) if label is not None and drawn[place] is not None]
        if not both:
            continue
        old, new = [usual[place] for place in both], [drawn[place] for place in both]
        rands.append(adjusted_rand(old, new))
        members, others = _members(old), _members(new)
        same = {(a, b): _jaccard(members[a], others[b]) for a, b in set(zip(old, new, strict=True))}
        kept.append(sum(same[pair] >= KEPT for pair in zip(old, new, strict=True)) / len(both))
        for label in members:
            alike[label].append(max(share for pair, share in same.items() if pair[0] == label))
    if not rands:
        return None
    groups = {label: _mean(found) for label, found in alike.items()}
    return Stability(_mean(rands), _mean(kept), groups, days)


def adjusted_rand(one: Sequence[Label], other: Sequence[Label]) -> float:
    """How much two groupings of the same things agree beyond chance; 1 where they are the same."""
    pairs = defaultdict[tuple[Label, Label], int](int)
    for pair in zip(one, other, strict=True):
        pairs[pair] += 1
    rows, columns = ([len(group) for group in _members(labels).values()] for labels in (one, other))
    together, a, b = (sum(comb(size, 2) for size in sizes) for sizes in (pairs.values(), rows, columns))
    every = comb(len(one), 2)
    by_chance = a * b / every if every else 0.0
    most = (a + b) / 2.0
    return 1.0 if most == by_chance else (together - by_chance) / (most - by_chance)


def traffic(a_day: float) -> str:
    """The class of a function's traffic, by powers of ten of its runs a day."""
    if a_day < 1.0:
        return "under 1 a day"
    least = 10 ** min(floor(log10(a_day) + 1e-9), 6)
    return f"{least:,} a day and more"


class _Known:
    """(function,) the values of attributes by some days; None for functions that did not run in them."""

    def __init__(self, functions: Sequence[Daily], by: Sequence[Attribute], days: int) -> None:
        self.kinds = sorted({kind for one in functions for kind in one.runs})
        self.runs: Floats = np.zeros((len(functions), len(self.kinds), days))
        for place, one in enumerate(functions):
            for kind, runs in one.runs.items():
                self.runs[place, self.kinds.index(kind)] = runs
        self.constant = {
            "application": [one.key.application for one in functions],
            "runtime": [one.runtime or UNKNOWN for one in functions],
            "memory": [UNKNOWN if one.memory_mb is None else f"{one.memory_mb:g} MB" for one in functions],
        }
        self.by = by

    def __call__(self, drawn: Sequence[int]) -> list[tuple[str, ...] | None]:
        times = np.bincount(np.array(drawn), minlength=self.runs.shape[2])
        runs = self.runs @ times
        total = runs.sum(axis=1)
        values = {
            **self.constant,
            "trigger": [self.kinds[most] for most in runs.argmax(axis=1).tolist()],
            "traffic": [traffic(one / len(drawn)) for one in total.tolist()],
        }
        found = zip(*(values[attribute] for attribute in self.by), strict=True)
        return [one if ran else None for one, ran in zip(found, (total > 0.0).tolist(), strict=True)]


def _members(labels: Sequence[Label]) -> dict[Label, set[int]]:
    found = defaultdict[Label, set[int]](set)
    for place, label in enumerate(labels):
        found[label].add(place)
    return dict(found)


def _jaccard(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
