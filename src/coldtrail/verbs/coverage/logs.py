"""A parser that tells how much of what it reads comes out of functions' own logs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from coldtrail.assembly.assembling import straight
from coldtrail.records.columns import WholeTrace
from coldtrail.records.telemetry import Document, Observations, Parser
from coldtrail.verbs.coverage.cost import Volume

T = TypeVar("T")


class WeighingLogs:
    """The same parser; documents of nothing but reports are weighed."""

    def __init__(self, parser: Parser, volume: Volume) -> None:
        self._parser, self._straight, self._volume = parser, straight(parser), volume

    def __call__(self, document: Document) -> Observations:
        """What the document says."""
        return self._weighed(document, self._parser)

    def straight(self, document: Document) -> Observations | WholeTrace:
        """The same, in the form that is fastest to work with."""
        return self._weighed(document, self._straight)

    def _weighed(self, document: Document, parse: Callable[[Document], T]) -> T:
        parsed = parse(document)
        if isinstance(parsed, Observations) and parsed.reports and not parsed.spans:
            self._volume.log_bytes += len(document.payload)
        return parsed
