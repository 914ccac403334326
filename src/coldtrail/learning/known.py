"""What a history knows of each function, and how two histories differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from coldtrail.alerts.wording.phrases import event_words
from coldtrail.bundle.history import History
from coldtrail.features.batch import Ints
from coldtrail.features.hashing import each_once
from coldtrail.records.identity import FunctionKey, OfFunction


@dataclass(frozen=True)
class Known:
    """What was met of each function, in words."""

    flows: Mapping[FunctionKey, int]
    steps: Mapping[FunctionKey, frozenset[str]]
    resources: Mapping[FunctionKey, frozenset[str]]
    triggers: Mapping[FunctionKey, frozenset[str]]
    versions: Mapping[FunctionKey, frozenset[str]]


class FunctionChange(OfFunction, frozen=True, kw_only=True):
    """What changed in what is known of one function."""

    flows_before: int
    """0 for a new function."""
    flows: int
    ready_before: bool
    ready: bool
    versions: list[str]
    """Newly known, as are the next three."""
    steps: list[str]
    resources: list[str]
    triggers: list[str]
    forgotten: list[str]
    """Steps, resources, triggers and versions no longer known."""


def known(history: History) -> Known:
    """What a history knows now."""
    words = history.vocabulary
    flows = history.flows
    function = flows.function[flows.flow_of]
    actions = [event_words(name, kind, target) for kind, name, target in words.actions.words]
    resources = [f"{kind} {target}" for kind, target in words.resources.words]
    functions = words.functions.words
    return Known(
        dict(history.learned),
        _met(function, flows.action, functions, actions),
        _met(function, flows.resource, functions, resources),
        _met(flows.function, flows.trigger, functions, words.triggers.words),
        history.versions(),
    )


def _met(
    function: Ints, thing: Ints, functions: list[FunctionKey], words: list[str]
) -> dict[FunctionKey, frozenset[str]]:
    told = thing > 0
    pairs = each_once(function[told] * (len(words) + 1) + thing[told])
    found: dict[FunctionKey, set[str]] = {}
    for pair in pairs.tolist():
        whose, which = divmod(pair, len(words) + 1)
        found.setdefault(functions[whose - 1], set()).add(words[which - 1])
    return {key: frozenset(met) for key, met in found.items()}


def changes(old: Known, new: Known, ready_flows: int) -> list[FunctionChange]:
    """The functions whose knowledge has changed, sorted by function."""
    found = [_change(key, old, new, ready_flows) for key in sorted(old.flows.keys() | new.flows.keys())]
    return [one for one in found if one is not None]


def _change(key: FunctionKey, old: Known, new: Known, ready_flows: int) -> FunctionChange | None:
    before, after = _things(key, old), _things(key, new)
    flows_before, flows = old.flows.get(key, 0), new.flows.get(key, 0)
    if flows == flows_before and before == after:
        return None
    versions, steps, resources, triggers = (
        sorted(now - then) for then, now in zip(before, after, strict=True)
    )
    forgotten = {thing for then, now in zip(before, after, strict=True) for thing in then - now}
    return FunctionChange(
        *key,
        flows_before=flows_before,
        flows=flows,
        ready_before=flows_before >= ready_flows,
        ready=flows >= ready_flows,
        versions=versions,
        steps=steps,
        resources=resources,
        triggers=triggers,
        forgotten=sorted(forgotten),
    )


def _things(key: FunctionKey, of: Known) -> tuple[frozenset[str], ...]:
    nothing: frozenset[str] = frozenset()
    return tuple(things.get(key, nothing) for things in (of.versions, of.steps, of.resources, of.triggers))
