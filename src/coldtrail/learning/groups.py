"""Groups of functions that behave alike, from which a quiet function borrows history.

Gopireddy, section 4, asks for behavioural clustering and names no method. Here the functions with the most
history lead: each that lies farther than `ALIKE` from all leaders before it leads a group of its own, and
every function follows the nearest leader. So the data choose the number of groups, behind each quiet function
stands the busiest that is like it, memory grows with the functions and not with their pairs, and the order in
which flows come changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from coldtrail.bundle.history import History
from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.behaviour import behaviour
from coldtrail.features.encode import grouped
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary
from coldtrail.learning.behaviour_groups import Stability
from coldtrail.learning.group_stability import Measured, by_behaviour, by_known, several, shaky
from coldtrail.records.flow import NOBODY

ALIKE = 1.1
"""Functions no farther apart than this are alike; the farthest lie about 1.9 apart. On both applications of
the testbed it parts functions by what they call, and keeps those together that differ only in how often."""
SECOND = 0.25
"""The share of a group's calls from which its second deed is named as well."""
_DEEDS = (
    (
        "reads",
        ("get", "batchget", "query", "scan", "list", "head", "describe", "read", "select", "transactget"),
    ),
    (
        "writes",
        ("put", "update", "batchwrite", "transactwrite", "create", "upload", "copy", "write", "insert"),
    ),
    ("deletes from", ("delete", "remove", "purge")),
    ("sends to", ("publish", "send")),
    ("receives from", ("receive",)),
    ("starts", ("start", "run", "execute", "invoke")),
)
_CALLERS = {
    "ApiGateway": "an API",
    "StepFunctions": "a state machine",
    "SNS": "a topic",
    "SQS": "a queue",
    "S3": "a bucket",
    "DynamoDB": "a table",
    "Events": "a timer",
    "Lambda": "a function",
}
Deed = tuple[str, str]
"""What is done, and to what."""
_WEB = "calls", "web addresses"
T = TypeVar("T", str, Deed)


@dataclass(frozen=True)
class Groups:
    """Which functions behave alike."""

    of: Ints
    """(function + 1,) the number of each function's group by the function's number, from 1; 0: none."""
    names: tuple[str, ...]
    """What each group does, the first for group 1; no two alike."""


def put_in_groups(history: History) -> Measured:
    """Groups the functions of a history by behaviour, in its words and in its flows; how stable that is.

    Functions of a group that other days would not bring again are alone, and are lent nothing.
    """
    flows, words = history.flows, history.vocabulary
    found = group(flows, words)
    measured = by_behaviour(flows, found.of, lambda some: _grouping(some, words)[0])
    unstable = np.isin(found.of, shaky(measured, found.of))
    before = found.of
    if unstable.any():
        found = group(flows, words, frozenset(np.flatnonzero(unstable).tolist()))
    words.put_in_groups(found.names, found.of.tolist())
    history.flows = replace(flows, group=grouped(flows.function, words))
    return Measured(_renumbered(measured, before, found.of), by_known(flows, words, kind_of_caller))


def _renumbered(measured: Stability | None, before: Ints, after: Ints) -> Stability | None:
    """The same figures by the groups' new numbers, of those that several functions are in."""
    if measured is None:
        return None
    number = {int(before[after == new][0]): new for new in several(after)}
    shares: dict[Hashable, float] = {
        new: measured.groups[old] for old, new in number.items() if old in measured.groups
    }
    return measured._replace(groups=shares)


def group(flows: Encoded, vocabulary: Vocabulary, alone: frozenset[int] = frozenset()) -> Groups:
    """The groups of all functions that have flows; those whose numbers are `alone` are in groups of one."""
    of, led_by = _grouping(flows, vocabulary, alone)
    names = _names(flows, vocabulary, flows.weight, of)
    return Groups(of, tuple(_told_apart(names, led_by)))


def _grouping(
    flows: Encoded, vocabulary: Vocabulary, alone: frozenset[int] = frozenset()
) -> tuple[Ints, list[str]]:
    """(function + 1,) the number of each function's group, and the names of those that lead."""
    runs = np.bincount(flows.function, flows.weight, len(vocabulary.functions) + 1)
    points = behaviour(flows, vocabulary).round(6)
    words = vocabulary.functions.words
    met = [number for number in range(1, len(runs)) if runs[number] > 0]
    met.sort(key=lambda number: (-runs[number], words[number - 1]))
    leader = _leaders(points[met])
    for place, number in enumerate(met):
        if number in alone:
            leader[place] = place
    leaders = np.unique(leader)
    of = np.zeros(len(runs), np.int64)
    of[met] = np.searchsorted(leaders, leader) + 1
    return of, [words[met[place] - 1].function for place in leaders]


def _leaders(points: Floats) -> Ints:
    """(point,) the place of the leader that each point follows; points that may lead come first."""
    nearest = np.full(len(points), np.inf)
    leader = np.zeros(len(points), np.int64)
    for place in range(len(points)):
        if nearest[place] <= ALIKE:
            continue
        distance = np.sqrt(((points - points[place]) ** 2).sum(axis=1))
        closer = distance < nearest
        nearest[closer], leader[closer] = distance[closer], place
    return leader


def _names(flows: Encoded, vocabulary: Vocabulary, weight: Floats, of: Ints) -> list[str]:
    """The names of the groups: what each does and what starts it, each function counted once."""
    actions = [_deed(kind, name) for kind, name, _ in vocabulary.actions.words]
    deeds = _shares(flows.function[flows.flow_of], flows.action, weight[flows.flow_of], actions, of)
    callers = [kind_of_caller(trigger) for trigger in vocabulary.triggers.words]
    started = _shares(flows.function, np.maximum(flows.trigger, 0), weight, callers, of)
    return [_name(deed, caller) for deed, caller in zip(deeds, started, strict=True)]


def _shares(
    function: Ints, word: Ints, weight: Floats, said: Sequence[T | None], of: Ints
) -> list[Counter[T]]:
    """For each group how much of what its functions do is what is said of each word."""
    key, place = np.unique(function * (len(said) + 1) + word, return_inverse=True)
    sums = np.bincount(place, weight)
    functions, words = key // (len(said) + 1), key % (len(said) + 1)
    told = np.array([False, *map(bool, said)])[words]
    total = np.bincount(functions[told], sums[told], len(of))
    out: list[Counter[T]] = [Counter() for _ in range(int(of.max(initial=0)))]
    for one, number, amount in zip(functions[told], words[told], sums[told], strict=True):
        what = said[number - 1]
        if of[one] and what is not None:
            out[of[one] - 1][what] += amount / total[one]
    return out


def _deed(kind: str, name: str) -> Deed | None:
    """What a call does, as `reads DynamoDB`; None for what stays inside the function."""
    if kind in NO_RESOURCE_TYPES:
        return None
    if kind in ("remote", "http"):
        return _WEB
    start = name.casefold()
    verb = next((verb for verb, starts in _DEEDS if start.startswith(starts)), "uses")
    return verb, kind.rpartition("::")[2]


def kind_of_caller(trigger: str) -> str | None:
    """What kind of thing starts a run, as `an API`; None where nobody is on record."""
    if trigger == NOBODY:
        return None
    kind = trigger.partition(" ")[0]
    return next((said for part, said in _CALLERS.items() if part in kind.split("::")), kind)


def _name(deeds: Counter[Deed], callers: Counter[str]) -> str:
    total = sum(deeds.values())
    ordered = sorted(deeds.items(), key=lambda item: (-round(item[1], 9), item[0]))
    often = [deed for deed, n in ordered if round(n / total, 6) >= SECOND]
    shown = often[:2] or [deed for deed, _ in ordered[:1]]
    doing = _joined(sorted(shown)) if shown else "calls nothing"
    if not callers:
        return doing
    caller = min(callers.items(), key=lambda item: (-round(item[1], 9), item[0]))[0]
    return f"{doing}, called by {caller}"


def _joined(deeds: Sequence[Deed]) -> str:
    """The deeds as one phrase: `reads and writes DynamoDB`."""
    (verb, thing), last = deeds[0], deeds[-1]
    told = [" ".join(deed) for deed in deeds]
    return f"{verb} and {told[-1]}" if len(deeds) > 1 and last[1] == thing else " and ".join(told)


def _told_apart(names: list[str], leaders: list[str]) -> list[str]:
    """The names, those that several groups have with the function that leads each."""
    often = Counter(names)
    return [
        name if often[name] == 1 else f"{name}, like {led}" for name, led in zip(names, leaders, strict=True)
    ]
