"""Lean flows to arrays: what flows of one shape share is looked up once, and the rest is done in arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import numpy as np

from coldtrail.features.batch import PER_STEP, Encoded, Floats, Ints, joined
from coldtrail.features.encode import encode, heads
from coldtrail.features.names.naming import folded_names
from coldtrail.features.times import Ways, own_times
from coldtrail.features.vocabulary import NO_RESOURCE_TYPES, UNKNOWN, Vocabulary, is_start
from coldtrail.features.wording import LeanBatch
from coldtrail.records.columns import AnyFlow, LeanFlow, Shape, ToldStep, parents_of
from coldtrail.records.flow import Flow
from coldtrail.records.identity import FunctionKey

_MOST_STEPS = 200_000
"""Of shapes that are remembered."""
_SHARED = tuple(name for name in PER_STEP if name not in ("begin", "span", "self_time"))
_PLACES = ("parent", "before")
_COLUMNS = (*_SHARED, *_PLACES)
_TYPES: dict[str, type[np.generic]] = dict.fromkeys(_COLUMNS, np.int64) | dict.fromkeys(
    ("error", "starting", "call"), np.bool_
)
_Row = tuple[int | bool, ...]
_Key = tuple[Shape, FunctionKey | None]
"""A shape, and whose names are folded in it."""


class _Known(NamedTuple):
    """What the flows of one shape share."""

    size: int
    table: Ints
    """(column, step) those of `Encoded`, and the places of parents and of siblings before."""


class Encoder:
    """Encodes flows in the words of a vocabulary that does not change meanwhile."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._known: dict[_Key, _Known] = {}
        self._steps = 0
        self._rows: dict[tuple[ToldStep, FunctionKey | None], _Row] = {}

    def encode(self, flows: Sequence[AnyFlow]) -> Encoded:
        """The flows as arrays, whether their steps are records or columns: the same either way."""
        lean = [flow for flow in flows if isinstance(flow, LeanFlow)]
        if len(lean) == len(flows):
            return self._lean(lean)
        plain = [flow for flow in flows if isinstance(flow, Flow)]
        if not lean:
            return encode(plain, self._vocabulary)
        both = joined([self._lean(lean), encode(plain, self._vocabulary)])
        is_plain = np.array([isinstance(flow, Flow) for flow in flows])
        place = np.where(is_plain, len(lean) + np.cumsum(is_plain), np.cumsum(~is_plain)) - 1
        batch = LeanBatch(tuple(flows), self._vocabulary.naming)
        return replace(both.take(place), batch=batch, places=None, looks=self._vocabulary.looks)

    def _lean(self, flows: Sequence[LeanFlow]) -> Encoded:
        known, of = self._shapes(flows)
        sizes = np.array([one.size for one in known], np.int64)
        offsets = np.concatenate([[0], np.cumsum(sizes[of])])
        first = np.repeat(offsets[:-1], sizes[of])
        rows = np.arange(offsets[-1]) - first + np.repeat((np.cumsum(sizes) - sizes)[of], sizes[of])
        table = np.concatenate([one.table for one in known], axis=1)
        steps = {name: table[at].astype(_TYPES[name], copy=False)[rows] for at, name in enumerate(_COLUMNS)}
        parent, before = (np.where(steps[name] < 0, -1, steps.pop(name) + first) for name in _PLACES)
        starts, ends = _times(flows, "starts"), _times(flows, "ends")
        start = np.array([flow.start_time for flow in flows], np.float64)
        end = np.array([flow.end_time for flow in flows], np.float64)
        own = own_times(Ways(offsets, parent, before, starts, ends), start, end)
        return Encoded(
            **heads(flows, self._vocabulary),
            start=start,
            duration=np.maximum(end - start, 0.0),
            own_time=own.own_times,
            weight=np.ones(len(flows)),
            offsets=offsets,
            **steps,
            begin=starts - np.repeat(start, sizes[of]),
            span=np.maximum(ends - starts, 0.0),
            self_time=own.self_times,
            batch=LeanBatch(tuple(flows), self._vocabulary.naming),
            looks=self._vocabulary.looks,
            shape=of,
        )

    def _shapes(self, flows: Sequence[LeanFlow]) -> tuple[list[_Known], Ints]:
        """The different shapes among flows, and (flow,) which of them each has."""
        forms_of, places = self._vocabulary.naming.forms_of, dict[_Key, int]()
        folds = bool(self._vocabulary.naming.forms)
        of = []
        for flow in flows:
            whose = flow.key if folds and forms_of(flow.key) else None
            of.append(places.setdefault((flow.columns.shape, whose), len(places)))
        return [self._of(*key) for key in places], np.array(of, np.int64)

    def _of(self, shape: Shape, whose: FunctionKey | None) -> _Known:
        known = self._known.get((shape, whose))
        if known is None:
            if self._steps > _MOST_STEPS:
                self._known.clear()
                self._rows.clear()
                self._steps = 0
            known = self._known[shape, whose] = self._new(shape, whose)
            self._steps += len(shape.steps) + 1
        return known

    def _new(self, shape: Shape, whose: FunctionKey | None) -> _Known:
        known = self._rows
        rows = [known.get((step, whose)) or self._row(step, whose) for step in shape.steps]
        parents = parents_of(shape)
        columns = [*(zip(*rows, strict=True) if rows else [()] * len(_SHARED)), parents, _before(parents)]
        numbers = np.fromiter(chain.from_iterable(columns), np.int64, len(_COLUMNS) * len(rows))
        return _Known(len(rows), numbers.reshape(len(_COLUMNS), len(rows)))

    def _row(self, step: ToldStep, whose: FunctionKey | None) -> _Row:
        """What `Encoded` has of a step, in the order of `_SHARED`."""
        words, kind, depth, error = self._vocabulary, step.kind, step.depth, step.error
        forms = None if whose is None else words.naming.forms_of(whose)
        names = step.name, step.parent_name, step.target
        name, parent, target = names if forms is None else folded_names(kind, names, forms)
        number = words.steps.numbers.get((name, kind, parent, target, depth), UNKNOWN)
        service = words.services.numbers.get(kind, UNKNOWN)
        parts = words.parts_of(kind, name, target)
        found = number, *parts, service, error, depth, is_start(name, kind), kind not in NO_RESOURCE_TYPES
        self._rows[step, whose] = found
        return found


def _before(parents: Sequence[int]) -> list[int]:
    """For each step the place of the sibling before it, -1 for the first."""
    last: dict[int, int] = {}
    before = []
    for place, parent in enumerate(parents):
        before.append(last.get(parent, -1))
        last[parent] = place
    return before


def _times(flows: Sequence[LeanFlow], which: str) -> Floats:
    """(step,) the starts or the ends of all steps."""
    return np.frombuffer(b"".join([getattr(flow.columns, which) for flow in flows]), np.float64)
