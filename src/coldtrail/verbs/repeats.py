"""A parser that tells which documents are repeats: the same bytes, read before, out of the same log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from coldtrail.assembly.assembling import straight
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document, Observations, Parser

READ, REPEATED = "format ", "repeated "
"""Before the name of a format, in the counts."""
_MOST_KNOWN = 1_000_000
"""Documents that are remembered, by 8 bytes each: what repeats one beyond them counts as read."""
T = TypeVar("T")


class Repeats:
    """The same parser; what its format counts of a repeat counts as repeated."""

    def __init__(self, parser: Parser, counts: Counter[str]) -> None:
        self._parser, self._straight, self._counts = parser, straight(parser), counts
        self._known: set[int] = set()
        self.again = False
        """Whether the last document was a repeat."""

    def __call__(self, document: Document) -> Observations:
        """What the document says."""
        return self._told(document, self._parser)

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same, in the form that is fastest to work with."""
        return self._told(document, self._straight)

    def _told(self, document: Document, parse: Callable[[Document], T]) -> T:
        key = hash((document.payload, document.log))
        self.again = key in self._known
        if not self.again:
            if len(self._known) < _MOST_KNOWN:
                self._known.add(key)
            return parse(document)
        before = {label: number for label, number in self._counts.items() if label.startswith(READ)}
        parsed = parse(document)
        for label in [label for label in self._counts if label.startswith(READ)]:
            if self._counts[label] > before.get(label, 0):
                self._counts[label] -= 1
                self._counts[f"{REPEATED}{label.removeprefix(READ)}"] += 1
        return parsed
