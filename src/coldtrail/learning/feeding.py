"""Says where a history looks fed: filled on purpose, so that what comes later seems usual.

Names that each came in one run, unrelated orders of the same steps, endless runs and failures all make what
is like them less strange. Honest functions have some of each: this only says where there are enough to hide
something among them, and what to look at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from coldtrail.alerts.showing.plain import short
from coldtrail.alerts.wording.amounts import counted, duration, share
from coldtrail.bundle.history import History
from coldtrail.detectors.held import actions_held
from coldtrail.features.batch import Bools, Encoded, Floats, Ints
from coldtrail.features.hashing import Hashes, is_among, mix
from coldtrail.features.names.remarks import OWN_STEPS
from coldtrail.features.vocabulary import Vocabulary

LEAST_TIMES = 5
LEAST_SHARE = 0.005
"""Of a function's runs, that must bring something for the first and only time."""
LEAST_RUNS = 100.0
MUCH_LONGER, MUCH_LONGER_S = 10.0, 1.0
"""Times the usual, and seconds more, from which a run is endless."""
MANY_STEPS = 5.0
"""Times the usual number of steps."""
FAILING = 0.2
"""Of the runs."""
COLD, BUSY_S = 0.3, 60.0
"""Of the runs, though they come so many seconds after each other, or fewer."""
USUAL_ORDER = 0.5
"""Of the runs with the same steps, that take them in one order."""
MOST_EXAMPLES = 3
MOST_TOLD = 8
"""Sentences told one by one."""
_ONCE = 1.5
_HOSTS = "remote"
_SEE = "see `coldtrail bundle review`"
WHAT_TO_DO = (
    "Unless you know why a history looks like that, somebody may be filling it to hide something later: look "
    "at such runs in `coldtrail bundle review`, and call attacks malicious in a feedback file, which takes "
    "them out of what is learned."
)


class Fed(NamedTuple):
    """What of a function's history looks fed."""

    share: float
    """Of its runs."""
    function: int
    what: str
    """The end of a sentence that begins with the function."""


def fed(history: History) -> list[str]:
    """What looks fed in a history, a sentence each, those of most runs first."""
    flows, words = history.flows, history.vocabulary
    if not len(flows):
        return []
    runs = np.bincount(flows.function, flows.weight).astype(np.float64)
    found = [*_names(flows, words, runs), *_origins(flows, words, runs), *_orders(flows, runs)]
    found += [*_large(flows, runs), *_states(flows, runs)]
    told = sorted(found, key=lambda one: (-one.share, one.function, one.what))
    out = [f"{short(words.functions[one.function].function)} {one.what}" for one in told[:MOST_TOLD]]
    if len(told) > MOST_TOLD:
        out.append(f"{len(told) - MOST_TOLD:,} more histories look as if they were fed.")
    return [*out, WHAT_TO_DO] if out else []


class _Once(NamedTuple):
    """Things that one run of a function showed, and no other."""

    function: Ints
    thing: Ints


def _once(function: Ints, thing: Ints, weight: Floats) -> _Once:
    """The things of functions that came once, one row for each run and thing having been given."""
    key = mix(mix(np.full(len(thing), 71, np.uint64), function), thing)
    _, first, of = np.unique(key, return_index=True, return_inverse=True)
    rows = first[np.bincount(of, weight, len(first)) < _ONCE]
    return _Once(function[rows], thing[rows])


def _by_function(once: _Once, runs: Floats) -> Iterator[tuple[int, Ints, float]]:
    """Functions of which enough things came once: these, and their share of the runs."""
    number = np.bincount(once.function, minlength=len(runs))
    many = (number >= LEAST_TIMES) & (number >= LEAST_SHARE * runs) & (runs >= LEAST_RUNS)
    for function in np.flatnonzero(many).tolist():
        things = once.thing[once.function == function]
        yield function, things, min(len(things) / float(runs[function]), 1.0)


def _names(flows: Encoded, words: Vocabulary, runs: Floats) -> Iterator[Fed]:
    """Actions that came once: by the service, and whether their resource did as well."""
    held = actions_held(flows)
    of, action, first, _ = held.where((held.thing > 0) & ~flows.starting[held.row])
    new = _once(flows.function[of], flows.resource[first], flows.weight[of])
    new = _Once(new.function[new.thing > 0], new.thing[new.thing > 0])
    for function, things, part in _by_service(new, runs, [kind for kind, _ in words.resources.words]):
        kind = words.resources[int(things[0])][0]
        names = [words.resources[thing][1] for thing in things.tolist()]
        yield Fed(part, function, _naming("hosts" if kind == _HOSTS else f"{kind} resources", names, part))
    known = ~is_among(_pair(flows.function[of], flows.resource[first]), _pair(*new))
    once = _once(flows.function[of[known]], action[known], flows.weight[of[known]])
    for function, things, part in _by_service(once, runs, [kind for kind, _, _ in words.actions.words]):
        kind = words.actions[int(things[0])][0]
        names = [words.actions[thing][1] for thing in things.tolist()]
        yield Fed(
            part, function, _naming("steps of its own" if kind == OWN_STEPS else f"{kind} calls", names, part)
        )


def _by_service(once: _Once, runs: Floats, services: Sequence[str]) -> Iterator[tuple[int, Ints, float]]:
    number = {service: at for at, service in enumerate(dict.fromkeys(services))}
    of = np.array([number[service] for service in services], np.int64)[once.thing - 1]
    for service in range(len(number)):
        mine = of == service
        yield from _by_function(_Once(once.function[mine], once.thing[mine]), runs)


def _pair(function: Ints, thing: Ints) -> Ints:
    return function * 2**32 + thing


def _naming(kind: str, names: Sequence[str], part: float) -> str:
    return (
        f"keeps naming new {kind}: {len(names):,} came in one run each, in {share(part)} of its runs "
        f"({_examples(names)}); {_SEE}."
    )


def _examples(names: Sequence[str]) -> str:
    shown = ", ".join(short(name) for name in sorted(names)[:MOST_EXAMPLES])
    return f"{shown}, …" if len(names) > MOST_EXAMPLES else shown


def _origins(flows: Encoded, words: Vocabulary, runs: Floats) -> Iterator[Fed]:
    """Triggers, callers and versions that came once."""
    kinds = (
        ("triggers", flows.trigger, words.triggers),
        ("callers", flows.caller, words.callers),
        ("versions", flows.version, words.versions),
    )
    for kind, thing, of in kinds:
        told = np.flatnonzero(thing > 0)
        once = _once(flows.function[told], thing[told], flows.weight[told])
        for function, things, part in _by_function(once, runs):
            yield Fed(part, function, _naming(kind, [of[number] for number in things.tolist()], part))


def _orders(flows: Encoded, runs: Floats) -> Iterator[Fed]:
    """The same steps in orders that each came once, though one order is usual."""
    parts = zip(*(_order_and_steps(block) for _, block in flows.blocks()), strict=True)
    order, held = map(np.concatenate, parts)
    _, first, of = np.unique(
        mix(held, (order >> np.uint64(1)).astype(np.int64)), return_index=True, return_inverse=True
    )
    often: Floats = np.bincount(of, flows.weight).astype(np.float64)
    _, same = np.unique(held[first], return_inverse=True)
    most, total = np.zeros(same.max() + 1), np.bincount(same, often)
    np.maximum.at(most, same, often)
    once = (often < _ONCE) & ((most >= USUAL_ORDER * total) & (total >= LEAST_TIMES))[same]
    rows = first[once]
    for function, _, part in _by_function(_Once(flows.function[rows], rows), runs):
        what = f"took the steps of its usual runs in another order each time in {share(part)} of its runs"
        yield Fed(part, function, f"{what}, which makes any order less strange; {_SEE}.")


def _order_and_steps(flows: Encoded) -> tuple[Hashes, Hashes]:
    """(flow,) hashes of the steps of each in their order, and of the function and its steps in any order."""
    order, held = np.zeros(len(flows), np.uint64), np.zeros(len(flows), np.uint64)
    steps = mix(np.full(len(flows.step), 79, np.uint64), flows.action)
    place = np.arange(len(flows.step)) - flows.offsets[:-1][flows.flow_of]
    np.add.at(order, flows.flow_of, mix(steps, place))
    np.add.at(held, flows.flow_of, steps)
    return order, mix(held, flows.function)


def _large(flows: Encoded, runs: Floats) -> Iterator[Fed]:
    """Runs that take much longer, or far more steps, than is usual."""
    amounts = (
        (flows.duration, MUCH_LONGER, MUCH_LONGER_S),
        (flows.lengths.astype(np.float64), MANY_STEPS, 1.0),
    )
    for at, (amount, times, more) in enumerate(amounts):
        usual = _medians(flows, amount, len(runs))
        large = amount > np.maximum(times * usual, usual + more)[flows.function]
        for function, part in _shares(flows, large & ~flows.cold, runs, LEAST_SHARE):
            longest = float(amount[large & (flows.function == function)].max())
            most = duration(longest) if at == 0 else counted(round(longest), "step")
            what = f"took more than {times:g} times as {'long' if at == 0 else 'many steps'} as usual"
            what += f" in {share(part)} of its runs (up to {most}), so that such a run is no alarm"
            yield Fed(part, function, f"{what}; {_SEE}.")


def _states(flows: Encoded, runs: Floats) -> Iterator[Fed]:
    """Runs that failed, or were cold, more often than either can be of use to anybody."""
    for function, part in _shares(flows, flows.failed, runs, FAILING):
        what = f"failed in {share(part)} of its runs, which excuses what failed runs leave out"
        yield Fed(part, function, f"{what}; {_SEE}.")
    for function, part in _shares(flows, flows.cold, runs, COLD):
        own = np.sort(flows.start[flows.function == function])
        if float(np.median(np.diff(own))) <= BUSY_S:
            what = f"was cold in {share(part)} of its runs, though they come every minute or oftener"
            yield Fed(part, function, f"{what}: cold runs are compared with cold ones; {_SEE}.")


def _shares(flows: Encoded, which: Bools, runs: Floats, least: float) -> Iterator[tuple[int, float]]:
    """Functions with enough runs of a kind, and the share of these."""
    number = np.bincount(flows.function, which, len(runs))
    part = np.bincount(flows.function, which * flows.weight, len(runs)) / np.maximum(runs, 1.0)
    many = (number >= LEAST_TIMES) & (part >= least) & (runs >= LEAST_RUNS)
    yield from ((function, float(part[function])) for function in np.flatnonzero(many).tolist())


def _medians(flows: Encoded, amount: Floats, functions: int) -> Floats:
    """(function,) the median of an amount."""
    out = np.zeros(functions)
    order = np.lexsort((amount, flows.function))
    numbers, first, count = np.unique(flows.function[order], return_index=True, return_counts=True)
    out[numbers] = amount[order[first + count // 2]]
    return out
