"""Where each span of a document lies: in which run that this tells of, and below which step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from coldtrail.formats.otel.spans import Told


class Place(NamedTuple):
    """What is below a span."""

    run_id: str | None = None
    """None outside any run that the document tells of."""
    step_id: str | None = None
    """The step right above; None right below a run, or below what is told elsewhere."""
    root_id: str | None = None
    """Outside runs, what is told elsewhere and lies above all."""
    leads: bool = False
    """Whether what is above leads on to a run, and is itself part of none."""


NOWHERE = Place()
_BESIDE = Place(leads=True)


class Places:
    """The spans of one trace in one document, by id."""

    def __init__(self, nodes: Mapping[str, Told]) -> None:
        self._nodes = nodes
        self.runs = {span_id for span_id, span in nodes.items() if span.meaning.is_part or begins_run(span)}
        self._below: dict[str, Place] = {span_id: Place(span_id) for span_id in self.runs}

    def above(self, span: Told) -> Place:
        """Where a span itself lies."""
        parent_id = span.parent_id
        if parent_id is None:
            return NOWHERE
        known = self._below.get(parent_id)
        return self._find(parent_id) if known is None else known

    def _find(self, span_id: str) -> Place:
        """Where what has this span as its parent lies."""
        way: dict[str, Told] = {}
        at: str | None = span_id
        while at is not None and at not in self._below and at not in way:
            span = self._nodes.get(at)
            if span is None:
                break
            way[at] = span
            at = span.parent_id
        place = NOWHERE
        if at is not None:
            place = self._below.setdefault(at, Place(root_id=at)) if at not in way else Place(root_id=at)
        for one, span in reversed(way.items()):
            place = self._below[one] = _below(one, span, place)
        return place


def _below(span_id: str, span: Told, above: Place) -> Place:
    meaning = span.meaning
    if meaning.lead is not None and not meaning.is_subsegment:
        return _BESIDE
    if above.leads:
        return _BESIDE if meaning.is_subsegment else Place(None, span_id, span.parent_id)
    return Place(above.run_id, span_id, above.root_id)


def begins_run(span: Told) -> bool:
    """Whether a run begins with the span."""
    meaning = span.meaning
    if meaning.enters:
        return True
    if not meaning.may_enter:
        return False
    return span.parent_id is None or (span.is_remote and not meaning.step.is_call)


def is_outside(span: Told) -> bool:
    """Whether a run that begins with the span is none: a call that a function's code made outside any, while
    its module was loaded or in the background."""
    meaning = span.meaning
    return meaning.step.is_call and meaning.owner.is_function and not (meaning.enters or meaning.is_part)
