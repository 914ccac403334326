"""The words of flows of which only numbers were kept: a vocabulary holds all that `Wording` tells of a step.

So a detector that reads words can learn from a history, which keeps no records.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from coldtrail.features.batch import Encoded, Floats, Ints
from coldtrail.features.vocabulary import Vocabulary
from coldtrail.features.wording import Batch, Wording


@dataclass(frozen=True)
class Recalled(Batch):
    """Flows in the numbers of a vocabulary."""

    encoded: Encoded
    vocabulary: Vocabulary

    @cached_property
    def wording(self) -> Wording:
        """The words and clocks of all flows, which rank as they lie."""
        places: dict[str, int] = {"": 0}
        keys, known = self.vocabulary.functions.words, self.vocabulary.steps.words
        functions = _placed([(one.application, one.function) for one in keys], 2, places)
        steps = _placed([step[:4] for step in known], 4, places)
        flows = self.encoded
        codes = np.concatenate([functions[flows.function][flows.flow_of], steps[flows.step]], axis=1)
        return Wording(
            tuple(places),
            codes,
            flows.span,
            flows.begin - _first_begin(flows)[flows.flow_of],
            flows.depth.astype(np.int64),
            flows.offsets,
            np.arange(len(flows)),
        )


def recalled(flows: Encoded, vocabulary: Vocabulary) -> Encoded:
    """The flows with their words; they must have all their steps, in the order of their start."""
    return replace(flows, batch=Recalled((), flows, vocabulary), places=None)


def _placed(rows: Sequence[tuple[str | None, ...]], columns: int, places: dict[str, int]) -> Ints:
    """(number, column) the places of the words that a number stands for; those of 0 are all absent."""
    found = [[places.setdefault(word or "", len(places)) for word in row] for row in rows]
    return np.array([[0] * columns, *found], np.int64)


def _first_begin(flows: Encoded) -> Floats:
    """(flow,) when the first step began; 0 where there is none."""
    first = np.full(len(flows), np.inf)
    np.minimum.at(first, flows.flow_of, flows.begin)
    return np.where(np.isfinite(first), first, 0.0)
