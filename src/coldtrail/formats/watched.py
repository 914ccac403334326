"""A parser that tells what became of each document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coldtrail.errors import DocumentError
from coldtrail.records.telemetry import Document, Observations, Parser

Note = Callable[[str, bool], None]
"""Told the origin of a document, and whether it was accepted."""


class Watched:
    """The same parser, watched."""

    def __init__(self, parser: Parser, note: Note) -> None:
        self._parser, self._note = parser, note
        self._straight = getattr(parser, "straight", parser)

    def __call__(self, document: Document) -> Observations:
        """What the document says; raises `DocumentError` where the parser does."""
        parsed: Observations = self._told(document, self._parser)
        return parsed

    def straight(self, document: Document) -> Any:
        """The same, in the form that is fastest to work with."""
        return self._told(document, self._straight)

    def _told(self, document: Document, parse: Callable[[Document], Any]) -> Any:
        try:
            parsed = parse(document)
        except DocumentError:
            self._note(document.origin, False)
            raise
        self._note(document.origin, True)
        return parsed
