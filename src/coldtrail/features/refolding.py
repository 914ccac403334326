"""Flows that were learned before a name template was, with their names in that template."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from coldtrail.features.batch import Encoded, Ints
from coldtrail.features.encode import told_by
from coldtrail.features.names.forms import Form
from coldtrail.features.names.remarks import OWN_STEPS, Key
from coldtrail.features.vocabulary import Step, Vocabulary


def refolded(flows: Encoded, vocabulary: Vocabulary, before: Mapping[Key, Form]) -> Encoded:
    """The flows, encoded with the templates known `before`, with those known now; new words are learned.

    An old template becomes the new one of the names that it stands for.
    """
    now = vocabulary.naming.forms
    changed = {key[0] for key in before.keys() | now.keys() if before.get(key) is not now.get(key)}
    numbers = [vocabulary.functions.numbers[key] for key in changed if key in vocabulary.functions.numbers]
    rows = np.flatnonzero(np.isin(flows.function, numbers)[flows.flow_of])
    if not len(rows):
        return flows
    pairs = np.stack([flows.function[flows.flow_of[rows]], flows.step[rows]])
    different, of = np.unique(pairs, axis=1, return_inverse=True)
    words = [_word(function, step, vocabulary, before) for function, step in different.T.tolist()]
    step = flows.step.copy()
    step[rows] = np.array(words, np.int64)[of.ravel()]
    return _with_steps(flows, step, vocabulary)


def _word(function: int, step: int, vocabulary: Vocabulary, before: Mapping[Key, Form]) -> int:
    """The number that a step of a function has now."""
    whose = vocabulary.functions[function]

    def fold(kind: str, word: str) -> str:
        key = (whose, kind)
        known = before.get(key)
        return vocabulary.naming.fold(key, word if known is None else known.examples.get(word, word))

    old = vocabulary.steps[step]
    event, kind, parent, target, depth = old
    own = fold(OWN_STEPS, event) if kind == OWN_STEPS else event
    above = None if parent is None else fold(OWN_STEPS, parent)
    new: Step = (own, kind, above, None if target is None else fold(kind, target), depth)
    return step if new == old else vocabulary.learn_step(new)


def _with_steps(flows: Encoded, step: Ints, vocabulary: Vocabulary) -> Encoded:
    return replace(flows, step=step, **told_by(step, vocabulary), batch=None, places=None)
