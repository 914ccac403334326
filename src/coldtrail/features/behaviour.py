"""How functions behave, as points: functions that behave alike lie near, whatever their resources are called.

Gopireddy (section 4) describes functions by their use of processor, memory and storage, their rate and their
calls. Telemetry tells little of the first three, and rates change by the hour: what stands here is which
calls a function makes, what starts it, how often it repeats itself, where its time goes, how often it is
cold.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import each_once
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, Vocabulary

ACTIONS, SERVICES, TRIGGERS = 128, 32, 32
"""Places that words are hashed to: more words share places, and memory stays bounded."""
ACTION_PART, SERVICE_PART, TRIGGER_PART, TIME_PART, HABIT_PART = 0.9, 0.6, 0.5, 0.5, 0.4
"""How much each part counts in the distance, before taking the root of the sum of squares."""
TIME_UNIT_S = 1e-3
DECADES = 4.0
"""Times are told apart from a millisecond to ten seconds, on a logarithmic scale."""
PRIOR_RUNS = 10.0
"""Runs like everybody's added to a function's own before its shares of cold and failed runs are taken."""
USUAL, LONG = 0.5, 0.95


class _Steps(NamedTuple):
    """What the steps of flows tell of the functions."""

    actions: Floats
    """(function, place) calls, as they weigh."""
    services: Floats
    """(function, place) the same."""
    calls: Ints
    """(flow,)"""
    different: Ints
    """(flow,) different ones among them."""
    key: Ints
    """(spent,) function and place where a flow spends time."""
    seconds: Floats
    weight: Floats


def behaviour(flows: Encoded, vocabulary: Vocabulary) -> Floats:
    """(function, dimension) where each function lies, by its number; a row of zeros for one without flows."""
    size = len(vocabulary.functions) + 1
    places = (
        ~np.array([True, *(kind in NO_RESOURCE_TYPES for kind in vocabulary.services.words)]),
        _places([f"{kind} {name}" for kind, name, _ in vocabulary.actions.words], ACTIONS),
        _places(list(vocabulary.services.words), SERVICES),
    )
    blocks = [_steps(block, *places, size) for _, block in flows.blocks()]
    actions, services = (sum(of[1:], of[0]) for of in list(zip(*blocks, strict=True))[:2])
    parts = [
        ACTION_PART * _mix(actions),
        SERVICE_PART * _mix(services),
        TRIGGER_PART * _triggers(flows, vocabulary, flows.weight, size),
        TIME_PART * _times(blocks, size),
        HABIT_PART * _habits(flows, blocks, size),
    ]
    out = np.concatenate(parts, axis=1)
    out[np.bincount(flows.function, flows.weight, size) == 0] = 0.0
    return out


def _steps(flows: Encoded, reaches_out: Bools, actions: Ints, services: Ints, size: int) -> _Steps:
    """What the steps tell, by the words' places and by which event types reach outside the function."""
    calls = reaches_out[flows.service]
    action, service = actions[flows.action], services[flows.service]
    of = flows.flow_of[calls]
    function, weight = flows.function[of], flows.weight[of]
    most = int(flows.action.max(initial=0)) + 1
    done = each_once(of * most + flows.action[calls]) // most
    width = SERVICES + 1
    place = np.where(calls, service, SERVICES)
    running = ~flows.starting
    spent = _sums(flows.flow_of[running], place[running], flows.self_time[running], (len(flows), width))
    spent[:, SERVICES] += flows.own_time
    flow, used = np.nonzero(spent)
    return _Steps(
        _sums(function, action[calls], weight, (size, ACTIONS)),
        _sums(function, service[calls], weight, (size, SERVICES)),
        np.bincount(of, minlength=len(flows)),
        np.bincount(done, minlength=len(flows)),
        flows.function[flow] * width + used,
        spent[flow, used],
        flows.weight[flow],
    )


def _places(words: list[str], number: int) -> Ints:
    """(word + 1,) the place of each word, the same in every bundle; 0 for the word never met."""
    digests = (blake2b(word.encode("utf-8", "replace"), digest_size=4).digest() for word in words)
    return np.array([0, *(int.from_bytes(digest, "big") % number for digest in digests)], np.int64)


def _sums(function: Ints, place: Ints, weight: Floats, shape: tuple[int, int]) -> Floats:
    """(function, place) the summed weights."""
    sums = np.bincount(function * shape[1] + place, weight, shape[0] * shape[1])
    return sums.reshape(shape).astype(np.float64)


def _mix(sums: Floats) -> Floats:
    """(function, place) roots of shares: the distance of two rows is Hellinger's times the root of two."""
    return np.asarray(np.sqrt(sums / np.maximum(sums.sum(axis=1, keepdims=True), 1e-9)))


def _triggers(flows: Encoded, vocabulary: Vocabulary, weight: Floats, size: int) -> Floats:
    """(function, place) the kinds of what starts each function, without its name."""
    place = _places([trigger.partition(" ")[0] for trigger in vocabulary.triggers.words], TRIGGERS)
    told = flows.trigger > 0
    return _mix(_sums(flows.function[told], place[flows.trigger[told]], weight[told], (size, TRIGGERS)))


def _times(blocks: Sequence[_Steps], size: int) -> Floats:
    """(function, place) where a usual and a long run of each function spend their time."""
    columns = zip(*((one.key, one.seconds, one.weight) for one in blocks), strict=True)
    key, spent, weight = map(np.concatenate, columns)
    width = SERVICES + 1
    parts = []
    for share in (USUAL, LONG):
        seconds = _quantiles(key, spent, weight, share, size * width)
        parts.append(np.clip(np.log10(1.0 + seconds / TIME_UNIT_S) / DECADES, 0.0, 1.0))
    return np.concatenate([part.reshape(size, width) for part in parts], axis=1)


def _habits(flows: Encoded, blocks: Sequence[_Steps], size: int) -> Floats:
    """(function, 4) calls a run, how many of them repeat another, how many runs are cold, how many fail."""
    weight = flows.weight
    number = np.concatenate([one.calls for one in blocks])
    repeated = number - np.concatenate([one.different for one in blocks])
    runs = np.bincount(flows.function, weight, size)
    made = np.bincount(flows.function, weight * number, size)
    again = np.bincount(flows.function, weight * repeated, size)
    cold = np.bincount(flows.function, weight * flows.cold, size)
    failed = np.bincount(flows.function, weight * flows.failed, size)
    usual, failing = (part.sum() / max(runs.sum(), 1e-9) for part in (cold, failed))
    columns = [
        np.log1p(made / np.maximum(runs, 1e-9)) / np.log(100.0),
        again / np.maximum(made, 1e-9),
        (cold + PRIOR_RUNS * usual) / (runs + PRIOR_RUNS),
        (failed + PRIOR_RUNS * failing) / (runs + PRIOR_RUNS),
    ]
    return np.stack(columns, axis=1)


def _quantiles(key: Ints, values: Floats, weight: Floats, share: float, size: int) -> Floats:
    """(key,) the least value that at least a share of each key's weight does not exceed; 0 without values."""
    order = np.lexsort((values, key))
    key, values = key[order], values[order]
    below = np.cumsum(weight[order])
    total = np.bincount(key, weight[order], size)
    before = np.cumsum(total) - total
    reached = np.flatnonzero(below - before[key] >= share * total[key] - 1e-9)
    found, first = np.unique(key[reached], return_index=True)
    out = np.zeros(size)
    out[found] = values[reached[first]]
    return out
