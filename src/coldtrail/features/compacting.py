"""A vocabulary without the words that no flow uses any more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.encode import told_by, told_by_head
from coldtrail.features.hashing import each_once
from coldtrail.features.vocabulary import UNKNOWN, Vocabulary
from coldtrail.records.identity import FunctionKey


def compacted(
    flows: Encoded, words: Vocabulary, functions: Collection[FunctionKey] = ()
) -> tuple[Encoded, Vocabulary]:
    """The flows in a vocabulary of their own words, in the same order, and that vocabulary.

    The words of `functions` stay in any case. Both are as given where every word is used. The groups of
    functions must be found anew.
    """
    wanted = np.array([words.functions.numbers[key] for key in functions], np.int64)
    used = {
        "functions": np.union1d(_used(flows.function), wanted),
        "steps": _used(flows.step),
        "triggers": _used(flows.trigger),
        "callers": _used(flows.caller),
        "versions": _used(flows.version),
    }
    if all(len(numbers) == len(getattr(words, name)) for name, numbers in used.items()):
        return flows, words
    own = Vocabulary()
    own.naming = words.naming
    for name in ("functions", "triggers", "callers", "versions"):
        for number in used[name].tolist():
            getattr(own, name).learn(getattr(words, name)[number])
    for number in used["steps"].tolist():
        own.learn_step(words.steps[number])
    step = _renumbered(flows.step, used["steps"])
    function = _renumbered(flows.function, used["functions"])
    trigger = _renumbered(flows.trigger, used["triggers"])
    return (
        replace(
            flows,
            function=function,
            trigger=trigger,
            **told_by_head(function, trigger, own),
            caller=_renumbered(flows.caller, used["callers"]),
            version=_renumbered(flows.version, used["versions"]),
            step=step,
            **told_by(step, own),
            batch=None,
            places=None,
        ),
        own,
    )


def _used(numbers: Ints) -> Ints:
    return each_once(numbers[numbers > UNKNOWN])


def _renumbered(numbers: Ints, used: Ints) -> Ints:
    """New numbers from 1 for the words that are used; -1 (no word) stays -1."""
    return np.where(numbers > UNKNOWN, np.searchsorted(used, numbers) + 1, numbers)
