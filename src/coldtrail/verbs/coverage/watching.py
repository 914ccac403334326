"""A parser that lets somebody see all that it reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from coldtrail.assembly.assembling import straight
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document, Observations, Parser

T = TypeVar("T", bound=Observations | WholeTrace)
Watcher = Callable[[Document, Observations | WholeTrace], None]


class Watching:
    """The same parser; each document is shown with what it says."""

    def __init__(self, parser: Parser, watcher: Watcher) -> None:
        self._parser, self._straight, self._watcher = parser, straight(parser), watcher

    def __call__(self, document: Document) -> Observations:
        """What the document says."""
        return self._shown(document, self._parser)

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same, in the form that is fastest to work with."""
        return self._shown(document, self._straight)

    def _shown(self, document: Document, parse: Callable[[Document], T]) -> T:
        parsed = parse(document)
        self._watcher(document, parsed)
        return parsed
